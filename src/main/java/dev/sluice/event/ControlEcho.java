package dev.sluice.event;

import org.jspecify.annotations.Nullable;

/**
 * A command's own fields, understood or not; its answer repeats it.
 *
 * @param id the command's id, null if it had none that can be used
 * @param command its name, null if it had none
 * @param part the part it named, null if none
 * @param key the key it named, null if none
 * @param version the version it named, null if none
 * @param policy the policy it named, null if none
 */
public record ControlEcho(
    @Nullable String id,
    @Nullable String command,
    @Nullable String part,
    @Nullable String key,
    @Nullable Long version,
    @Nullable String policy) {

  /** For a record that could not be read at all. */
  public static final ControlEcho NOTHING = new ControlEcho(null, null, null, null, null, null);
}
