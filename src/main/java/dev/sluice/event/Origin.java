package dev.sluice.event;

/**
 * The position of an input record in Kafka; every answer carries the origin of the record it
 * answers.
 *
 * @param topic the input topic
 * @param partition the partition, from 0
 * @param offset the record's offset in the partition, from 0
 */
public record Origin(String topic, int partition, long offset) {

  public Origin {
    if (topic.isEmpty() || partition < 0 || offset < 0) {
      throw new IllegalArgumentException(
          "not an origin: " + topic + "/" + partition + "/" + offset);
    }
  }

  /**
   * Reads the {@code topic/partition/offset} form of {@link #toString()}.
   *
   * @throws IllegalArgumentException if {@code text} has another form
   */
  public static Origin parse(String text) {
    int second = text.lastIndexOf('/');
    int first = text.lastIndexOf('/', second - 1);
    if (first <= 0) {
      throw new IllegalArgumentException(
          "an origin is topic/partition/offset, but this is (" + text + ")");
    }
    try {
      return new Origin(
          text.substring(0, first),
          Integer.parseInt(text.substring(first + 1, second)),
          Long.parseLong(text.substring(second + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "an origin is topic/partition/offset, but this is (" + text + ")", e);
    }
  }

  @Override
  public String toString() {
    return topic + "/" + partition + "/" + offset;
  }
}
