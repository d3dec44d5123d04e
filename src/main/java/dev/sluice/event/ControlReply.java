package dev.sluice.event;

import org.jspecify.annotations.Nullable;

/**
 * The answer to a record of the control topic.
 *
 * @param origin the record's origin
 * @param echo the command's own fields
 * @param reason why it was rejected, null if it was accepted
 * @param repeated whether its id was answered before: nothing has changed now, and this repeats the
 *     earlier reply
 */
public record ControlReply(
    Origin origin, ControlEcho echo, @Nullable String reason, boolean repeated) implements Answer {

  /** Whether the command was carried out. */
  public boolean accepted() {
    return reason == null;
  }

  /** The key that is to be forgotten now; null if this is no answer to such a command. */
  public @Nullable String forgotten() {
    return accepted() && !repeated && "forget".equals(echo.command()) ? echo.key() : null;
  }

  /** The same answer to another record with the same id. */
  public ControlReply again(Origin other) {
    return new ControlReply(other, echo, reason, true);
  }
}
