package dev.sluice.tool.feed;

import java.util.Set;

/**
 * Under which name a topic knows what is fed to it.
 *
 * @param name marks its records; empty for events that have the topic to themselves
 * @param idPrefix what ids begin with that are made of a row's number; empty if the events bring
 *     their own ids
 * @param claims what the user says of it
 */
public record Feed(String name, String idPrefix, Set<Claim> claims) {

  /** What is not known otherwise. */
  public enum Claim {
    /** What was deleted from the topic was not of this feed. */
    FIRST_TIME,

    /** Another run of the name shall end. */
    TAKE_OVER
  }

  public Feed {
    claims = Set.copyOf(claims);
  }

  /** Events that have the topic to themselves. */
  public static Feed unnamed() {
    return new Feed("", "", Set.of());
  }

  /** What ids of a feed begin with that are made of a row's number: its name without its kind. */
  public static String idPrefix(String name) {
    return name.replaceFirst("(\\.csv|\\.tsv|\\.txt|\\.jsonl|\\.json)?(\\.gz)?$", "") + "-";
  }
}
