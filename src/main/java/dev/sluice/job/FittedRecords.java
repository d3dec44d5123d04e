package dev.sluice.job;

import dev.sluice.codec.Details;
import dev.sluice.codec.Headers;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import dev.sluice.event.Reason;
import dev.sluice.model.Champion;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.metrics.Counter;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Encoded answer in, a Kafka record that its topic takes out.
 *
 * <p>Only dead letters and deferred records can be too long for it, because they are inputs, and an
 * input topic's limit is that of a compressed batch: what came in may be longer than any topic
 * takes uncompressed. The start has seen that all other answers fit. A dead letter is cut, and
 * headers contain its length and its hash. A deferred record would not be the same observation once
 * it is fed back, so it becomes a dead letter.
 */
final class FittedRecords {

  /** What is left, at most, of a key that does not fit. */
  private static final int KEY_LEFT = 1024;

  /** Bytes, rounded up: the four headers of what was cut, and the lengths of key and value. */
  private static final long CUT_HEADERS = 320;

  private final EnumMap<OutputTopic, String> topics;
  private final OutputLimits limits;
  private final Counter deferredTooLarge;
  private final Counter truncated;

  /**
   * @param topics a name for each kind of answer
   * @param deferredTooLarge counts deferred records that became dead letters
   * @param truncated counts dead letters that are not whole
   */
  FittedRecords(
      Map<OutputTopic, String> topics,
      OutputLimits limits,
      Counter deferredTooLarge,
      Counter truncated) {
    this.topics = new EnumMap<>(topics);
    this.limits = limits;
    this.deferredTooLarge = deferredTooLarge;
    this.truncated = truncated;
  }

  /** The record to be sent. */
  ProducerRecord<byte[], byte[]> of(OutputRecord answer) {
    ProducerRecord<byte[], byte[]> record = whole(answer);
    return switch (answer.topic()) {
      case DEFERRED -> fits(answer, record) ? record : of(notDeferred(answer, record));
      case DEAD_LETTERS -> fits(answer, record) ? record : cut(answer);
      case PREDICTIONS, EVALUATIONS, CONTROL_LOG -> record;
    };
  }

  private boolean fits(OutputRecord answer, ProducerRecord<byte[], byte[]> record) {
    return OutputLimits.size(record) <= limits.of(answer.topic());
  }

  private ProducerRecord<byte[], byte[]> whole(OutputRecord answer) {
    return record(answer, answer.key(), answer.value());
  }

  private ProducerRecord<byte[], byte[]> record(
      OutputRecord answer, byte @Nullable [] key, byte @Nullable [] value) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topics.get(answer.topic()), null, null, key, value);
    record.headers().add(Headers.ORIGIN, Headers.originBytes(answer.origin()));
    Reason reason = answer.reason();
    if (reason != null) {
      record.headers().add(Headers.REASON, Headers.reasonBytes(reason));
    }
    String detail = answer.detail();
    if (detail != null) {
      record.headers().add(Headers.DETAIL, Headers.detailBytes(detail));
    }
    if (answer.controlPosition() > 0) {
      String position = Long.toString(answer.controlPosition());
      record.headers().add(Headers.CONTROL_POSITION, Headers.bytes(position));
    }
    return record;
  }

  private OutputRecord notDeferred(OutputRecord answer, ProducerRecord<byte[], byte[]> record) {
    deferredTooLarge.inc();
    String detail =
        "topic (%s) takes up to %s bytes, but deferring this observation takes %s"
            .formatted(record.topic(), limits.of(OutputTopic.DEFERRED), OutputLimits.size(record));
    return new OutputRecord(
        OutputTopic.DEAD_LETTERS,
        answer.origin(),
        answer.key(),
        answer.value(),
        Reason.TOO_LARGE,
        Details.clipped(detail),
        answer.controlPosition());
  }

  /**
   * Cuts the value to the size that everything else leaves, and the key if it alone is too long.
   */
  private ProducerRecord<byte[], byte[]> cut(OutputRecord letter) {
    truncated.inc();
    long headers = OutputLimits.size(record(letter, null, null)) + CUT_HEADERS;
    long room = limits.of(OutputTopic.DEAD_LETTERS) - headers;
    if (room < 0) {
      throw new IllegalStateException(
          ("topic (%s) takes up to %s bytes, but the headers of a dead letter may take %s; raise max.message.bytes "
                  + "of the topic")
              .formatted(topics.get(letter.topic()), limits.of(OutputTopic.DEAD_LETTERS), headers));
    }
    byte[] key = letter.key();
    byte[] keyLeft = key == null || key.length <= room ? key : first(key, Math.min(room, KEY_LEFT));
    byte[] value = letter.value();
    byte[] valueLeft = value == null ? null : first(value, room - length(keyLeft));
    ProducerRecord<byte[], byte[]> record = record(letter, keyLeft, valueLeft);
    if (length(keyLeft) < length(key)) {
      addWhole(record, Headers.KEY_LENGTH, Headers.KEY_SHA256, Objects.requireNonNull(key));
    }
    if (length(valueLeft) < length(value)) {
      addWhole(record, Headers.VALUE_LENGTH, Headers.VALUE_SHA256, Objects.requireNonNull(value));
    }
    return record;
  }

  private static int length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  private static byte[] first(byte[] bytes, long most) {
    return bytes.length <= most ? bytes : Arrays.copyOf(bytes, (int) most);
  }

  /** What the bytes were before they were cut. */
  private static void addWhole(
      ProducerRecord<byte[], byte[]> record, String length, String sha256, byte[] whole) {
    record.headers().add(length, Headers.bytes(Integer.toString(whole.length)));
    record.headers().add(sha256, Headers.bytes(Champion.sha256(whole)));
  }
}
