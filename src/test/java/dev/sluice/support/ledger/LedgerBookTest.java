package dev.sluice.support.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Plants each anomaly into a clean ledger and sees it, and nothing else, found. */
class LedgerBookTest {

  private static final TopicPartition EVENTS_0 = new TopicPartition("events", 0);

  private final LedgerBook book = new LedgerBook();
  private int answers;

  /** Four inputs: 0 an observation, 1 its outcome, 2 garbage, 3 an observation; 0 to 2 answered. */
  @BeforeEach
  void cleanUpToThree() {
    input(0, observation("a"));
    input(1, outcome("a"));
    input(2, "{garbage");
    input(3, observation("b"));
    answer(OutputKind.PREDICTION, "events/0/0", "{\"id\":\"a\",\"key\":\"k\"}");
    answer(OutputKind.EVALUATION, "events/0/1", "{\"id\":\"a\",\"key\":\"k\"}");
    answer(OutputKind.DEAD_LETTER, "events/0/2", "{garbage");
  }

  @Test
  void cleanLedgerIsClean() {
    answerLast();
    Verdict verdict = book.judge(Set.of(), Map.of()).assertClean();
    assertThat(verdict.inputs()).isEqualTo(4);
    assertThat(verdict.answers())
        .isEqualTo(
            Map.of(
                OutputKind.PREDICTION, 2L, OutputKind.EVALUATION, 1L, OutputKind.DEAD_LETTER, 1L));
  }

  @Test
  void unansweredInputIsAGap() {
    assertOnly(Anomaly.GAP, "events/0/3");
  }

  @Test
  void heldInputIsNoGap() {
    book.judge(Set.of(new Place("events", 0, 3)), Map.of()).assertClean();
  }

  @Test
  void inputAtTheBoundIsNoGap() {
    book.judge(Set.of(), Map.of(EVENTS_0, 3L)).assertClean();
  }

  @Test
  void inputJustBelowTheBoundIsAGap() {
    assertThat(book.judge(Set.of(), Map.of(EVENTS_0, 4L)).count(Anomaly.GAP)).isEqualTo(1);
  }

  @Test
  void answerAtTheBoundIsAhead() {
    answerLast();
    Verdict verdict = book.judge(Set.of(), Map.of(EVENTS_0, 3L));
    assertThat(verdict.anomalies()).containsOnlyKeys(Anomaly.AHEAD);
  }

  @Test
  void secondAnswerInTheSameTopicIsADuplicate() {
    answerLast();
    answerLast();
    assertOnly(Anomaly.DUPLICATE, "events/0/3 at out/0/3 and out/0/4");
  }

  @Test
  void secondAnswerInAnotherTopicIsADuplicate() {
    answerLast();
    answer(OutputKind.DEAD_LETTER, "events/0/3", observation("b"));
    assertOnly(Anomaly.DUPLICATE, "events/0/3 at out/0/3 and out/0/4");
  }

  @Test
  void answeredAndHeldIsADuplicate() {
    answerLast();
    Verdict verdict = book.judge(Set.of(new Place("events", 0, 3)), Map.of());
    assertThat(verdict.anomalies()).containsOnlyKeys(Anomaly.DUPLICATE);
  }

  @Test
  void originThatDoesNotExistIsForeign() {
    answerLast();
    answer(OutputKind.PREDICTION, "events/0/4", "{\"id\":\"c\",\"key\":\"k\"}");
    assertOnly(Anomaly.FOREIGN, "out/0/4 has the origin (events/0/4)");
  }

  @Test
  void missingAndUnreadableOriginsAreForeign() {
    answerLast();
    book.answer(
        new LedgerBook.Answer(
            OutputKind.PREDICTION, new Place("out", 0, 90), null, null, null, null));
    answer(OutputKind.PREDICTION, "events", "{}");
    Verdict verdict = book.judge(Set.of(), Map.of());
    assertThat(verdict.anomalies()).containsOnlyKeys(Anomaly.FOREIGN);
    assertThat(verdict.count(Anomaly.FOREIGN)).isEqualTo(2);
  }

  @Test
  void predictionOfAnOutcomeIsInTheWrongTopic() {
    answerLast();
    input(4, outcome("b"));
    answer(OutputKind.PREDICTION, "events/0/4", "{\"id\":\"b\",\"key\":\"k\"}");
    assertOnly(Anomaly.WRONG_TOPIC, "events/0/4, OUTCOME, at out/0/4");
  }

  @Test
  void evaluationOfAnObservationIsInTheWrongTopic() {
    answer(OutputKind.EVALUATION, "events/0/3", "{\"id\":\"b\",\"key\":\"k\"}");
    assertOnly(Anomaly.WRONG_TOPIC, "events/0/3, OBSERVATION, at out/0/3");
  }

  @Test
  void deadLetterWithoutReasonIsInTheWrongTopic() {
    answerLast();
    input(4, "x");
    book.answer(
        new LedgerBook.Answer(
            OutputKind.DEAD_LETTER,
            new Place("out", 0, 9),
            "events/0/4",
            null,
            "k".getBytes(UTF_8),
            "x".getBytes(UTF_8)));
    assertOnly(Anomaly.WRONG_TOPIC, "events/0/4, OTHER, at out/0/9");
  }

  @Test
  void answerWithAnotherIdIsMixedUp() {
    answer(OutputKind.PREDICTION, "events/0/3", "{\"id\":\"a\",\"key\":\"k\"}");
    assertOnly(Anomaly.MIXED_UP, "events/0/3 is (k, b), its answer at out/0/3 (k, a)");
  }

  @Test
  void deadLetterWithOneOtherByteIsChanged() {
    answerLast();
    input(4, "{garbage");
    answer(OutputKind.DEAD_LETTER, "events/0/4", "{Garbage");
    assertOnly(Anomaly.CHANGED_BYTES, "events/0/4 at out/0/4");
  }

  @Test
  void deadLetterWithAnEmptyValueForNoneIsChanged() {
    answerLast();
    book.input(new Place("events", 0, 4), "k".getBytes(UTF_8), null);
    answer(OutputKind.DEAD_LETTER, "events/0/4", "");
    assertOnly(Anomaly.CHANGED_BYTES, "events/0/4 at out/0/4");
  }

  @Test
  void deadLetterWithAnotherKeyIsChanged() {
    answerLast();
    book.input(new Place("events", 0, 4), "other".getBytes(UTF_8), "x".getBytes(UTF_8));
    answer(OutputKind.DEAD_LETTER, "events/0/4", "x");
    assertOnly(Anomaly.CHANGED_BYTES, "events/0/4 at out/0/4");
  }

  @Test
  void messageCountsAndNamesTheFirstCases() {
    for (int i = 4; i < 11; i++) {
      input(i, "x");
    }
    Verdict verdict = book.judge(Set.of(), Map.of());
    assertThatThrownBy(verdict::assertClean)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("8 answered nowhere and held nowhere: events/0/3; events/0/4")
        .hasMessageEndingWith("events/0/7; …");
  }

  private void assertOnly(Anomaly anomaly, String example) {
    assertThat(book.judge(Set.of(), Map.of()).anomalies())
        .isEqualTo(Map.of(anomaly, List.of(example)));
  }

  private void input(long offset, String value) {
    book.input(new Place("events", 0, offset), "k".getBytes(UTF_8), value.getBytes(UTF_8));
  }

  private void answerLast() {
    answer(OutputKind.PREDICTION, "events/0/3", "{\"id\":\"b\",\"key\":\"k\"}");
  }

  private void answer(OutputKind kind, String origin, String value) {
    book.answer(
        new LedgerBook.Answer(
            kind,
            new Place("out", 0, answers++),
            origin,
            kind == OutputKind.DEAD_LETTER ? "malformed-json" : null,
            "k".getBytes(UTF_8),
            value.getBytes(UTF_8)));
  }

  private static String observation(String id) {
    return "{\"type\":\"observation\",\"id\":\"%s\",\"key\":\"k\"}".formatted(id);
  }

  private static String outcome(String id) {
    return "{\"type\":\"outcome\",\"id\":\"%s\",\"key\":\"k\"}".formatted(id);
  }
}
