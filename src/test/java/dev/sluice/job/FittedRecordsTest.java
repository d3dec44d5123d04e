package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.codec.Headers;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import dev.sluice.event.Reason;
import dev.sluice.model.Champion;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FittedRecordsTest {

  private static final Origin ORIGIN = new Origin("sluice.events", 3, 41);
  private static final byte[] KEY = "LAS".getBytes(UTF_8);
  private static final int LIMIT = 10_000;

  private final SimpleCounter deferredTooLarge = new SimpleCounter();
  private final SimpleCounter cut = new SimpleCounter();

  @Test
  void whatFitsToTheLastByteIsSentAsItCame() {
    int around = OutputLimits.size(fit(LIMIT, LIMIT, letter(KEY, new byte[9_000]))) - 9_000;
    byte[] value = bytes(LIMIT - around);

    ProducerRecord<byte[], byte[]> whole = fit(LIMIT, LIMIT, letter(KEY, value));
    assertThat(OutputLimits.size(whole)).isEqualTo(LIMIT);
    assertThat(whole.topic()).isEqualTo("dead-letters");
    assertThat(whole.key()).isSameAs(KEY);
    assertThat(whole.value()).isSameAs(value);
    assertThat(headers(whole))
        .isEqualTo(
            Map.of(
                Headers.ORIGIN, "sluice.events/3/41",
                Headers.REASON, "malformed-json",
                Headers.DETAIL, "detail"));
    assertThat(cut.getCount()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {LIMIT, 1 << 20, 11 << 20})
  void aDeadLetterIsCutToWhatFitsAndTellsWhatItWas(int length) {
    byte[] value = bytes(length);

    ProducerRecord<byte[], byte[]> record = fit(LIMIT, LIMIT, letter(KEY, value));
    assertThat(OutputLimits.size(record)).isLessThanOrEqualTo(LIMIT).isGreaterThan(LIMIT - 400);
    assertThat(record.key()).isSameAs(KEY);
    assertThat(record.value()).isEqualTo(Arrays.copyOf(value, record.value().length));
    assertThat(headers(record))
        .containsEntry(Headers.ORIGIN, "sluice.events/3/41")
        .containsEntry(Headers.REASON, "malformed-json")
        .containsEntry(Headers.VALUE_LENGTH, "" + length)
        .containsEntry(Headers.VALUE_SHA256, Champion.sha256(value))
        .doesNotContainKeys(Headers.KEY_LENGTH, Headers.KEY_SHA256);
    assertThat(cut.getCount()).isEqualTo(1);
  }

  @Test
  void aKeyThatIsTooLongByItselfIsCutToo() {
    byte[] key = bytes(LIMIT);
    byte[] value = bytes(20_000);

    ProducerRecord<byte[], byte[]> record = fit(LIMIT, LIMIT, letter(key, value));
    assertThat(OutputLimits.size(record)).isLessThanOrEqualTo(LIMIT).isGreaterThan(LIMIT - 400);
    assertThat(record.key()).isEqualTo(Arrays.copyOf(key, 1024));
    assertThat(headers(record))
        .containsEntry(Headers.KEY_LENGTH, "" + LIMIT)
        .containsEntry(Headers.KEY_SHA256, Champion.sha256(key))
        .containsEntry(Headers.VALUE_LENGTH, "20000")
        .containsEntry(Headers.VALUE_SHA256, Champion.sha256(value));

    ProducerRecord<byte[], byte[]> tombstone = fit(LIMIT, LIMIT, letter(key, null));
    assertThat(tombstone.value()).isNull();
    assertThat(headers(tombstone)).doesNotContainKey(Headers.VALUE_LENGTH);
    ProducerRecord<byte[], byte[]> keyless = fit(LIMIT, LIMIT, letter(null, value));
    assertThat(keyless.key()).isNull();
    assertThat(OutputLimits.size(keyless)).isLessThanOrEqualTo(LIMIT);
  }

  /** Whatever the lengths, what leaves fits. */
  @Test
  void nothingLeavesThatItsTopicDoesNotTake() {
    Random random = new Random(7);
    for (int i = 0; i < 2_000; i++) {
      int limit = 1_000 + random.nextInt(20_000);
      byte[] key = random.nextInt(4) == 0 ? null : bytes(random.nextInt(30_000));
      byte[] value = random.nextInt(4) == 0 ? null : bytes(random.nextInt(30_000));
      OutputRecord answer =
          value != null && random.nextBoolean() ? deferred(key, value) : letter(key, value);
      assertThat(OutputLimits.size(fit(limit, limit, answer)))
          .as("limit %s, key %s, value %s", limit, length(key), length(value))
          .isLessThanOrEqualTo(limit);
    }
  }

  @Test
  void aDeferredRecordThatDoesNotFitIsADeadLetter() {
    byte[] value = bytes(LIMIT);

    ProducerRecord<byte[], byte[]> whole = fit(LIMIT, 2 * LIMIT, deferred(KEY, value));
    assertThat(whole.topic()).isEqualTo("dead-letters");
    assertThat(whole.value()).isEqualTo(value);
    assertThat(headers(whole))
        .containsEntry(Headers.REASON, Reason.TOO_LARGE.code())
        .doesNotContainKey(Headers.VALUE_LENGTH);
    assertThat(headers(whole).get(Headers.DETAIL))
        .contains("topic (deferred) takes up to 10000 bytes")
        .contains("takes 10");
    assertThat(deferredTooLarge.getCount()).isEqualTo(1);
    assertThat(cut.getCount()).isZero();

    ProducerRecord<byte[], byte[]> truncated = fit(LIMIT, LIMIT, deferred(KEY, value));
    assertThat(headers(truncated)).containsEntry(Headers.VALUE_LENGTH, "" + LIMIT);
    assertThat(cut.getCount()).isEqualTo(1);

    ProducerRecord<byte[], byte[]> commanded = fit(LIMIT, 2 * LIMIT, deferred(KEY, value).under(7));
    assertThat(headers(commanded)).containsEntry(Headers.CONTROL_POSITION, "7");

    ProducerRecord<byte[], byte[]> fits = fit(LIMIT, LIMIT, deferred(KEY, bytes(9_000)));
    assertThat(fits.topic()).isEqualTo("deferred");
    assertThat(headers(fits)).containsOnlyKeys(Headers.ORIGIN);
    assertThat(deferredTooLarge.getCount()).isEqualTo(3);
  }

  @Test
  void aTopicThatTakesNoHeadersIsNamed() {
    assertThatThrownBy(() -> fit(LIMIT, 100, letter(KEY, bytes(1_000))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("topic (dead-letters) takes up to 100 bytes")
        .hasMessageContaining("raise max.message.bytes");
  }

  private ProducerRecord<byte[], byte[]> fit(
      long deferredLimit, long deadLetterLimit, OutputRecord answer) {
    Map<OutputTopic, Long> limits = new EnumMap<>(OutputTopic.class);
    limits.put(OutputTopic.DEFERRED, deferredLimit);
    limits.put(OutputTopic.DEAD_LETTERS, deadLetterLimit);
    Map<OutputTopic, String> topics =
        Map.of(OutputTopic.DEFERRED, "deferred", OutputTopic.DEAD_LETTERS, "dead-letters");
    return new FittedRecords(topics, new OutputLimits(limits), deferredTooLarge, cut).of(answer);
  }

  private static OutputRecord letter(byte @Nullable [] key, byte @Nullable [] value) {
    return new OutputRecord(
        OutputTopic.DEAD_LETTERS, ORIGIN, key, value, Reason.MALFORMED_JSON, "detail");
  }

  private static OutputRecord deferred(byte @Nullable [] key, byte[] value) {
    return new OutputRecord(OutputTopic.DEFERRED, ORIGIN, key, value, null, null);
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static int length(byte @Nullable [] bytes) {
    return bytes == null ? -1 : bytes.length;
  }

  private static Map<String, String> headers(ProducerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new TreeMap<>();
    for (Header header : record.headers()) {
      headers.put(header.key(), Headers.text(header.value()));
    }
    return headers;
  }
}
