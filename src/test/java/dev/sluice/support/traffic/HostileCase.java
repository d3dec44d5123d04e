package dev.sluice.support.traffic;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record to send and what must come of it.
 *
 * @param name what it is, for messages
 * @param key the record key, null for none
 * @param value the record value, null for none
 * @param expected {@link #GOOD}, or the reason of its dead letter
 */
public record HostileCase(
    String name, byte @Nullable [] key, byte @Nullable [] value, String expected) {

  /** What is expected of a record that is no dead letter. */
  public static final String GOOD = "good";

  /** Makes the records of one kind of hostility, in the order in which they must be sent. */
  interface Maker {

    /**
     * Makes the records.
     *
     * @param key the entity
     * @param id an id that no other record has
     */
    List<HostileCase> make(String key, String id);
  }
}
