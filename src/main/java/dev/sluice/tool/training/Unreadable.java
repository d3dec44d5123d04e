package dev.sluice.tool.training;

import dev.sluice.codec.Details;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Records among a job's answers that are none, as another program's.
 *
 * @param first where the first one is, and what is wrong with it; empty if there is none
 */
public record Unreadable(long count, String first) {

  static final Unreadable NONE = new Unreadable(0, "");

  /** These and one more. */
  Unreadable and(ConsumerRecord<?, ?> record, String what) {
    String named =
        "%s/%s/%s: %s".formatted(record.topic(), record.partition(), record.offset(), what);
    return new Unreadable(count + 1, count > 0 ? first : Details.clipped(named));
  }
}
