package dev.sluice.event;

/** A record of the control topic, decoded. */
public sealed interface Instruction {

  /** What it said of itself. */
  ControlEcho echo();

  /**
   * One that can be judged.
   *
   * @param command what it asks for
   */
  record Understood(ControlEcho echo, Command command) implements Instruction {}

  /**
   * One that says nothing that can be done.
   *
   * @param reason for people
   */
  record Garbled(ControlEcho echo, String reason) implements Instruction {}
}
