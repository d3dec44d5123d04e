package dev.sluice.tool.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.sluice.codec.Headers;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeadLettersTest {

  private long offset;

  @Test
  void reasonsAreCountedTheMostFrequentFirst() {
    DeadLetters.Book book = book(null, null, 2);
    book.add(letter(5, "bad-feature", "x"));
    for (int at : new int[] {40, 20, 30}) {
      book.add(letter(at, "missing-field", "at " + at));
    }

    assertThat(book.reasons())
        .extracting(DeadLetters.OfReason::reason, DeadLetters.OfReason::count)
        .containsExactly(tuple("missing-field", 3L), tuple("bad-feature", 1L));
    DeadLetters.OfReason missing = book.reasons().get(0);
    assertThat(missing.first()).isEqualTo(Instant.ofEpochMilli(20));
    assertThat(missing.last()).isEqualTo(Instant.ofEpochMilli(40));
    assertThat(missing.examples())
        .as("the newest two, the newest first")
        .extracting(DeadLetters.Example::detail)
        .containsExactly("at 40", "at 30");
  }

  @Test
  void onlyWhatIsWantedCounts() {
    DeadLetters.Book book = book(Instant.ofEpochMilli(100), "bad-feature", 1);
    book.add(letter(99, "bad-feature", "too old"));
    book.add(letter(100, "bad-feature", "just right"));
    book.add(letter(100, "bad-field", "another reason"));

    assertThat(book.reasons()).hasSize(1);
    assertThat(book.reasons().get(0).count()).isEqualTo(1);
  }

  @Test
  void nothingOfAnInputReachesATerminalAsItIs() {
    String evil = "\u001b]0;owned\u0007\u001b[2J\r\n\u202e\u009b31m";
    DeadLetters.Book book = book(null, null, 1);
    book.add(
        record(
            1,
            "malformed-json",
            evil,
            evil.getBytes(UTF_8),
            (evil + "y".repeat(2_000_000)).getBytes(UTF_8)));

    DeadLetters.Example shown = book.reasons().get(0).examples().get(0);
    for (String text : new String[] {shown.detail(), shown.origin(), shown.key(), shown.value()}) {
      assertThat(text).matches("[\\P{Cntrl}&&\\P{Cf}]*");
      assertThat(text.getBytes(UTF_8)).hasSizeLessThanOrEqualTo(200);
    }
    assertThat(shown.key()).startsWith("\\u{1b}]0;owned\\u{7}");
    assertThat(shown.value()).endsWith("…");
    assertThat(shown.bytes()).isGreaterThan(2_000_000);
  }

  @Test
  void aForeignRecordIsOfUnknownReason() {
    DeadLetters.Book book = book(null, null, 1);
    book.add(record(1, null, null, null, null));
    book.add(record(2, "\u001b[31m" + "x".repeat(5_000), null, null, new byte[] {-1, 0}));

    assertThat(book.reasons())
        .singleElement()
        .returns(DeadLetters.UNKNOWN, DeadLetters.OfReason::reason)
        .returns(2L, DeadLetters.OfReason::count);
  }

  @Test
  void aCutLetterTellsTheWholeLength() {
    ConsumerRecord<byte[], byte[]> cut = letter(1, "too-large", "cut");
    cut.headers().add(Headers.VALUE_LENGTH, "2097153".getBytes(UTF_8));
    DeadLetters.Book book = book(null, null, 1);
    book.add(cut);

    assertThat(book.reasons().get(0).examples().get(0).bytes()).isEqualTo(2_097_153);
  }

  private static DeadLetters.Book book(
      @Nullable Instant since, @Nullable String reason, int examples) {
    return new DeadLetters.Book(new DeadLetters.Wanted(since, reason, examples));
  }

  private ConsumerRecord<byte[], byte[]> letter(long atMs, String reason, String detail) {
    return record(atMs, reason, detail, "LAS".getBytes(UTF_8), "{}".getBytes(UTF_8));
  }

  private ConsumerRecord<byte[], byte[]> record(
      long atMs,
      @Nullable String reason,
      @Nullable String detail,
      byte @Nullable [] key,
      byte @Nullable [] value) {
    RecordHeaders headers = new RecordHeaders();
    headers.add(Headers.ORIGIN, ("sluice.events/0/" + offset).getBytes(UTF_8));
    if (reason != null) {
      headers.add(Headers.REASON, reason.getBytes(UTF_8));
    }
    if (detail != null) {
      headers.add(Headers.DETAIL, detail.getBytes(UTF_8));
    }
    return new ConsumerRecord<>(
        "sluice.dead-letters",
        0,
        offset++,
        atMs,
        TimestampType.CREATE_TIME,
        0,
        0,
        key,
        value,
        headers,
        Optional.empty());
  }
}
