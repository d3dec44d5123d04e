package dev.sluice.tool.feed;

/**
 * Under which name a topic knows what is fed to it.
 *
 * @param name marks its records; empty for events that have the topic to themselves
 * @param idPrefix what ids begin with that are made of a row's number; empty if the events bring
 *     their own ids
 * @param firstTime whether it is known that what was deleted from the topic was not of this feed
 */
public record Feed(String name, String idPrefix, boolean firstTime) {

  /** Events that have the topic to themselves. */
  public static Feed unnamed() {
    return new Feed("", "", false);
  }

  /** What ids of a feed begin with that are made of a row's number: its name without its kind. */
  public static String idPrefix(String name) {
    return name.replaceFirst("(\\.csv|\\.tsv|\\.txt|\\.jsonl|\\.json)?(\\.gz)?$", "") + "-";
  }
}
