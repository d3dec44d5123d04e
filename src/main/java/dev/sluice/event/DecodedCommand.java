package dev.sluice.event;

/** A record of the control topic, decoded. */
public sealed interface DecodedCommand {

  /** Its own fields. */
  ControlEcho echo();

  /**
   * One that can be judged.
   *
   * @param command what it asks for
   */
  record Valid(ControlEcho echo, Command command) implements DecodedCommand {}

  /**
   * One that says nothing that can be done.
   *
   * @param reason for people
   */
  record Invalid(ControlEcho echo, String reason) implements DecodedCommand {}
}
