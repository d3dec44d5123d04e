package dev.sluice.tool.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Target;
import dev.sluice.support.CannedBroker;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.training.AnsweredExamples.Bounds;
import dev.sluice.tool.training.AnsweredExamples.LeftOut;
import dev.sluice.tool.training.AnsweredExamples.Read;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which examples a job's topics hold. */
class AnsweredExamplesTest {

  private static final List<String> LABELS = List.of("ontime", "late");
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final LeftOut NOTHING = new LeftOut(0, 0, 0, 0, 0, 0, Unreadable.NONE);
  private static final long PLENTY = 1 << 20;

  private CannedBroker broker;
  private AnsweredTopics topics;

  @BeforeEach
  void start() throws IOException {
    broker = CannedBroker.start();
    topics = new AnsweredTopics(broker);
  }

  @AfterEach
  void end() throws IOException {
    broker.close();
  }

  @Test
  void halvesOfAllInputsMeetAsTheJobHasJoinedThem() throws Exception {
    topics.predicted("a/0", "k", "1", 10, "\"x\":1");
    topics.predicted("b/0", "m", "1", 30, "\"x\":3");
    topics.evaluated("a/1", "n", "1", 20, 5, "ontime");
    topics.evaluated("b/0", "m", "1", 30, 7, "ontime");
    topics.predicted("a/1", "n", "1", 20, "\"x\":2");
    topics.evaluated("a/0", "k", "1", 10, 90, "late");
    Read read = read();
    assertThat(texts(read))
        .as("in the order of the outcomes")
        .containsExactly("20 {x=2.0} ontime", "30 {x=3.0} ontime", "10 {x=1.0} late");
    assertThat(read.leftOut()).isEqualTo(NOTHING);
  }

  /**
   * As what the job made a dead letter, deferred, forgot, let time out, or has not answered yet.
   */
  @Test
  void whatTheJobHasNotAnsweredIsNoExample() throws Exception {
    topics.predicted("a/0", "k", "timed-out", 10, "\"x\":1");
    topics.outcome("a/0", "k", "timed-out", 20, "late");
    topics.observation("a/0", "k", "deferred", 30, "\"x\":2");
    topics.outcome("a/0", "k", "deferred", 40, "late");
    topics.predicted("a/0", "k", "pending", 50, "\"x\":3");
    topics.outcome("b/0", "k", "alone", 60, "late");
    assertThat(read().joined()).isEmpty();
  }

  @Test
  void anObservationThatWasADuplicateIsNotTaken() throws Exception {
    topics.observation("a/0", "k", "1", 10, "\"x\":0");
    topics.predicted("a/0", "k", "1", 10, "\"x\":1");
    topics.observation("a/0", "k", "1", 10, "\"x\":2");
    topics.evaluated("a/0", "k", "1", 10, 5, "late");
    assertThat(texts(read())).containsExactly("10 {x=1.0} late");
  }

  @Test
  void anObservationThatCameAgainMetItsOwnOutcome() throws Exception {
    topics.predicted("a/0", "k", "1", 10, "\"x\":0");
    topics.predicted("a/0", "k", "1", 10, "\"x\":1");
    topics.evaluated("a/0", "k", "1", 10, 5, "late");
    topics.predicted("a/0", "k", "1", 10, "\"x\":2");
    topics.evaluated("a/0", "k", "1", 10, 6, "ontime");
    topics.predicted("a/0", "k", "1", 10, "\"x\":3");
    assertThat(texts(read()))
        .as("the first timed out, the last waits")
        .containsExactly("10 {x=1.0} late", "10 {x=2.0} ontime");
  }

  @Test
  void onlyWhatIsCommittedCounts() throws Exception {
    topics.evaluations.aborted(3);
    topics.predictions.aborted(2);
    topics.predicted("a/0", "k", "1", 10, "\"x\":1");
    topics.evaluated("a/0", "k", "1", 10, 5, "late");
    topics.evaluations.open(2);
    topics.evaluated("a/0", "k", "1", 10, 6, "late");
    assertThat(texts(read())).containsExactly("10 {x=1.0} late");
  }

  @Test
  void anAnswerThatIsThereTwiceIsOneExample() throws Exception {
    String observation = topics.predicted("a/0", "k", "1", 10, "\"x\":1");
    topics.prediction(observation, "k", "1", 10, "");
    String outcome = topics.outcome("a/0", "k", "1", 15, "late");
    topics.evaluation(outcome, "k", "1", 10, 5, "late", true);
    topics.evaluation(outcome, "k", "1", 10, 5, "late", true);
    assertThat(texts(read())).containsExactly("10 {x=1.0} late");
  }

  @Test
  void anOriginThatNoInputHasIsCountedAndTakesNoMemory() throws Exception {
    topics.predicted("a/0", "k", "1", 10, "\"x\":1");
    topics.evaluation("a/2147483600/5", "k", "1", 10, 5, "ontime", true);
    topics.evaluated("a/0", "k", "1", 10, 6, "late");
    Read read = read();
    assertThat(texts(read)).containsExactly("10 {x=1.0} late");
    assertThat(read.leftOut().foreign()).isEqualTo(1);
  }

  @Test
  void featuresThatWereLookedUpAreThoseThatTheJobSaw() throws Exception {
    String observation = topics.observation("a/0", "k", "1", 10, "\"x\":1");
    topics.prediction(observation, "k", "1", 10, ",\"lookup\":{\"w\":7,\"x\":9,\"y\":\"red\"}");
    topics.evaluated("a/0", "k", "1", 10, 5, "late");
    assertThat(texts(read())).containsExactly("10 {w=7.0, x=1.0, y=red} late");
    assertThat(texts(read(new Bounds(0, 9, Set.of("w", "x"), PLENTY))))
        .containsExactly("10 {y=red} late");
  }

  @Test
  void theNewestAreTakenUpToTheLimit() throws Exception {
    for (int i = 0; i < 5; i++) {
      topics.predicted("a/0", "k", "" + i, 10 + i, "\"x\":" + i);
      topics.evaluated("a/0", "k", "" + i, 10 + i, 50 - 10L * i, "late");
    }
    Read read = read(new Bounds(0, 2, Set.of(), PLENTY));
    assertThat(texts(read)).containsExactly("11 {x=1.0} late", "10 {x=0.0} late");
    assertThat(read.leftOut()).isEqualTo(new LeftOut(3, 0, 0, 0, 0, 0, Unreadable.NONE));
  }

  @Test
  void sinceIsWhenAnOutcomeWasEvaluated() throws Exception {
    topics.predicted("a/0", "k", "1", 1_000, "\"x\":1");
    topics.evaluated("a/0", "k", "1", 1_000, 5, "late");
    topics.predicted("a/0", "k", "2", 1_001, "\"x\":2");
    topics.evaluated("a/0", "k", "2", 1_001, 900, "late");
    assertThat(texts(read(new Bounds(1_900, 9, Set.of(), PLENTY))))
        .as("though its observation is older")
        .containsExactly("1001 {x=2.0} late");
  }

  @Test
  void whatIsLeftOutIsCounted() throws Exception {
    topics.predicted("a/0", "k", "gone", 1, "\"x\":1");
    topics.delete("a/0");
    topics.evaluated("a/1", "k", "gone", 1, 1, "late");
    topics.evaluated("a/1", "k", "never predicted", 1, 1, "late");
    topics.predicted("a/1", "k", "paused", 2, "\"x\":1");
    topics.evaluation(
        topics.outcome("a/1", "k", "paused", 3, "late"), "k", "paused", 2, 1, "late", false);
    topics.predicted("a/1", "k", "label", 2, "\"x\":1");
    topics.evaluated("a/1", "k", "label", 2, 1, "of another time");
    topics.evaluation("other/0/7", "k", "label", 2, 1, "late", true);
    topics.evaluation("torn", "k", "label", 2, 1, "late", true);
    String replaced = topics.observation("b/0", "k", "another", 5, "\"x\":1");
    topics.prediction(replaced, "k", "made again", 5, "");
    topics.evaluated("a/1", "k", "made again", 5, 1, "late");
    String tooMany =
        topics.predicted("b/0", "k", "2", 6, "\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1");
    assertThat(tooMany).isEqualTo("b/0/1");
    topics.evaluated("a/1", "k", "2", 6, 1, "late");
    Read read = read();
    assertThat(read.joined()).isEmpty();
    assertThat(read.leftOut()).isEqualTo(new LeftOut(0, 1, 1, 2, 2, 2, Unreadable.NONE));
  }

  @Test
  void moreThanTheMemoryTakesIsRefused() {
    for (int i = 0; i < 20; i++) {
      topics.predicted("a/0", "k", "" + i, i, "\"x\":" + i);
      topics.evaluated("a/0", "k", "" + i, i, 1, "late");
    }
    assertThatThrownBy(() -> read(new Bounds(0, 20, Set.of(), 6_000)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("more than the 0 MiB")
        .hasMessageContaining("--limit (20 now)")
        .hasMessageContaining("--since");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"id\"|end-of-input",
        "[]|it is no JSON object",
        "``|it is no JSON object",
        "{\"id\":\"1\",\"time\":\"1970-01-01T00:00:00Z\",\"delayMs\":1}|field \"key\" is no text",
        "{\"id\":\"1\",\"key\":\"k\",\"delayMs\":1}|field \"time\" is no text",
        "{\"id\":\"1\",\"key\":\"k\",\"time\":\"late\",\"delayMs\":1}|is no time: (late)",
        "{\"id\":\"1\",\"key\":\"k\",\"time\":\"1970-01-01T00:00:00Z\"}|field \"delayMs\" is no number"
      })
  void anEvaluationThatIsNoneIsCountedAndNamed(String json, String what) throws Exception {
    topics.predicted("a/0", "k", "1", 10, "\"x\":1");
    AnsweredTopics.answer(
        topics.evaluations, topics.outcome("a/0", "k", "1", 15, "late"), 15, json);
    AnsweredTopics.answer(topics.evaluations, topics.outcome("a/0", "k", "1", 15, "late"), 15, "");
    topics.evaluated("a/0", "k", "1", 10, 5, "late");
    Read read = read();
    assertThat(texts(read)).containsExactly("10 {x=1.0} late");
    assertThat(read.leftOut().unreadable().count()).isEqualTo(2);
    assertThat(read.leftOut().unreadable().first())
        .startsWith("sluice.evaluations/0/0: ")
        .contains(what)
        .doesNotContain("\n");
  }

  @Test
  void aPredictionThatIsNoneIsCountedAndNamed() throws Exception {
    String observation = topics.observation("a/0", "k", "1", 10, "\"x\":1");
    AnsweredTopics.answer(topics.predictions, observation, 10, "{\"id\":7,\"key\":\"k\"}");
    topics.prediction(observation, "k", "1", 10, "");
    topics.evaluated("a/0", "k", "1", 10, 5, "late");
    Read read = read();
    assertThat(texts(read)).containsExactly("10 {x=1.0} late");
    assertThat(read.leftOut().unreadable().count()).isEqualTo(1);
    assertThat(read.leftOut().unreadable().first())
        .isEqualTo("sluice.predictions/0/0: field \"id\" is no text");
  }

  @Test
  void aDamagedEvaluationDoesNotHideTheWholeOneBehindIt() throws Exception {
    topics.predicted("a/0", "k", "1", 10, "\"x\":1");
    String outcome = topics.outcome("a/0", "k", "1", 15, "late");
    AnsweredTopics.answer(topics.evaluations, outcome, 15, "{");
    topics.evaluation(outcome, "k", "1", 10, 5, "late", true);
    assertThat(texts(read())).containsExactly("10 {x=1.0} late");
  }

  @Test
  void anOutcomeIsKnownOnceTheJobHasEvaluatedIt() throws Exception {
    String observation = topics.observation("a/0", "k", "1", 10, "\"x\":1");
    topics.prediction(observation, "k", "1", 10, "", 5_000);
    topics.evaluation(
        topics.outcome("a/0", "k", "1", 15, "late"), "k", "1", 10, 5, "late", true, 90_000);
    assertThat(read().joined())
        .extracting(TrainingEvents.Joined::observedMs, TrainingEvents.Joined::knownMs)
        .as("by the clock of the job, whatever the events say of their times")
        .containsExactly(tuple(5_000L, 90_000L));
  }

  @Test
  void columnsCountForTheMemoryToo() throws Exception {
    for (int i = 0; i < 200; i++) {
      topics.predicted("a/0", "k", "" + i, i, "\"x\":\"text " + i % 100 + "\"");
      topics.evaluated("a/0", "k", "" + i, i, 1, "late");
    }
    Bounds bounds = new Bounds(0, 200, Set.of(), 340_000);
    assertThatThrownBy(() -> read(bounds))
        .as("200 examples of 100 columns")
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the examples take more than the");
    assertThat(read(new Bounds(0, 200, Set.of("x"), 340_000)).joined())
        .as("without the columns they fit")
        .hasSize(200);
  }

  @Test
  void aTopicThatIsNotThereIsNamed() throws Exception {
    try (CannedBroker other = CannedBroker.start()) {
      broker = other;
      assertThatThrownBy(this::read).isInstanceOf(IOException.class).hasMessageContaining("a");
    }
  }

  private static List<String> texts(Read read) {
    return read.joined().stream()
        .map(
            one ->
                "%s %s %s"
                    .formatted(
                        one.observedMs(),
                        one.example().features(),
                        ((Target.Label) one.example().target()).name()))
        .toList();
  }

  private Read read() throws Exception {
    return read(new Bounds(0, 1_000, Set.of(), PLENTY));
  }

  private Read read(Bounds bounds) throws Exception {
    AnsweredExamples.Job job =
        new AnsweredExamples.Job(
            broker.client(),
            AnsweredTopics.EVALUATIONS,
            AnsweredTopics.PREDICTIONS,
            List.of("a", "b"),
            new EventDecoder(LABELS, 4),
            LABELS,
            Duration.ofMinutes(1));
    try (Brokers brokers = new Brokers(broker.client(), PATIENCE)) {
      return new AnsweredExamples(brokers, job, bounds, PATIENCE, (what, done, all) -> {}).read();
    }
  }
}
