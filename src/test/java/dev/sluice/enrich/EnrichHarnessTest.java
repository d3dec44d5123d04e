package dev.sluice.enrich;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.Event;
import dev.sluice.event.Event.DeferRequested;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Reason;
import dev.sluice.event.Target;
import dev.sluice.state.SluiceTypes;
import dev.sluice.support.FeatureServer;
import dev.sluice.support.FeatureServer.Mood;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.functions.async.AsyncFunction;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The operator with the real client, serializers and a real HTTP server. */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
@Timeout(60)
class EnrichHarnessTest {

  private static final TypeSerializer<Event> EVENTS =
      SluiceTypes.EVENT.createSerializer(new SerializerConfigImpl());

  private final FeatureServer server = new FeatureServer();

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void onlyObservationsAreLookedUpAndTheOrderIsKept() throws Exception {
    Outcome outcome =
        new Outcome(
            EnrichFixtures.observation("k", 2).raw(), "id-1", "k", 6, new Target.Label("late"));
    Malformed bad =
        new Malformed(EnrichFixtures.observation("k", 3).raw(), Reason.BAD_FIELD, "bad");
    server.turn(Mood.SLOW);
    try (Harness harness = new Harness(new Enrich(settings(OnFailure.PROCEED)))) {
      harness.open();
      harness.processElement(EnrichFixtures.observation("k", 1), 1);
      harness.processElement(outcome, 2);
      harness.processElement(bad, 3);
      List<Event> out = harness.await(3);

      assertThat(((Observation) out.get(0)).features().toString())
          .isEqualTo("{storm=true, weather=rain, wind=1.5}");
      assertThat(out.subList(1, 3)).containsExactly(outcome, bad);
    }
    assertThat(server.requests()).isEqualTo(1);
  }

  @Test
  void eachPolicyHoldsForAFailedLookup() throws Exception {
    server.turn(Mood.ERRORS);
    Observation asked = EnrichFixtures.observation("k", 1);

    assertThat(once(OnFailure.PROCEED, asked)).isEqualTo(asked);
    assertThat(once(OnFailure.DEFER, asked)).isEqualTo(new DeferRequested(asked.raw()));
    assertThat(once(OnFailure.DEAD_LETTER, asked))
        .isEqualTo(
            new Malformed(
                asked.raw(), Reason.ENRICHMENT_FAILED, "the feature service: answered 500"));
  }

  @Test
  void tooManyFeaturesTogetherAreAFailure() throws Exception {
    StringBuilder many = new StringBuilder("{\"a0\":0");
    for (int i = 1; i < 100; i++) {
      many.append(",\"a").append(i).append("\":0");
    }
    server.answering(many.append('}').toString());

    assertThat(
            ((Malformed) once(OnFailure.DEAD_LETTER, EnrichFixtures.observation("k", 1))).detail())
        .contains("it has 101, at most 100");
  }

  @Test
  void requestsInFlightLieInTheSnapshotAndAreAskedAgainInOrder() throws Exception {
    server.turn(Mood.HANGING);
    OperatorSubtaskState snapshot = snapshotWithThreeInFlight();
    server.turn(Mood.HEALTHY);

    try (Harness resumed = new Harness(new Enrich(settings(OnFailure.DEFER)))) {
      resumed.initializeState(snapshot);
      resumed.open();
      resumed.processElement(EnrichFixtures.observation("k", 4), 4);
      assertThat(resumed.await(4))
          .allMatch(event -> ((Observation) event).features().size() == 3)
          .extracting(event -> event.raw().origin().offset())
          .containsExactly(1L, 2L, 3L, 4L);
    }
  }

  @Test
  void nothingWaitsForTimeAndTimePassesNothingThatWaits() throws Exception {
    server.turn(Mood.SLOW);
    try (Harness harness = new Harness(new Enrich(settings(OnFailure.PROCEED)))) {
      harness.open();
      harness.processWatermark(1);
      harness.processElement(EnrichFixtures.observation("k", 2), 2);
      harness.processWatermark(2);
      harness.processWatermarkStatus(WatermarkStatus.IDLE);
      assertThat(harness.getOutput()).containsExactly(new Watermark(1));
      harness.await(1);

      assertThat(new ArrayList<>(harness.getOutput()).subList(2, 4))
          .containsExactly(new Watermark(2), WatermarkStatus.IDLE);
    }
  }

  @Test
  void theEndOfTheInputWaitsForEveryLookup() throws Exception {
    server.turn(Mood.SLOW);
    try (Harness harness = new Harness(new Enrich(settings(OnFailure.PROCEED)))) {
      harness.open();
      harness.processElement(EnrichFixtures.observation("k", 1), 1);
      harness.processElement(EnrichFixtures.observation("k", 2), 2);
      harness.endInput();

      assertThat(harness.extractOutputValues()).hasSize(2);
    }
  }

  @Test
  void whatBreaksInALookupFailsTheTask() throws Exception {
    AsyncFunction<Event, Event> broken =
        (event, result) -> result.completeExceptionally(new IllegalStateException("broken"));
    try (Harness harness = new Harness(broken)) {
      harness.open();
      harness.processElement(EnrichFixtures.observation("k", 1), 1);

      assertThatThrownBy(() -> harness.await(1)).hasRootCauseMessage("broken");
    }
  }

  private OperatorSubtaskState snapshotWithThreeInFlight() throws Exception {
    try (Harness harness = new Harness(new Enrich(settings(OnFailure.PROCEED)))) {
      harness.open();
      for (int i = 1; i <= 3; i++) {
        harness.processElement(EnrichFixtures.observation("k", i), i);
      }
      OperatorSubtaskState snapshot = harness.snapshot(1, 1);
      assertThat(harness.extractOutputValues()).isEmpty();
      return snapshot;
    }
  }

  private Event once(OnFailure policy, Observation asked) throws Exception {
    try (Harness harness = new Harness(new Enrich(settings(policy)))) {
      harness.open();
      harness.processElement(asked, 1);
      return harness.await(1).get(0);
    }
  }

  private EnrichSettings settings(OnFailure policy) {
    return EnrichFixtures.settings(server.url(), policy, 0);
  }

  private static final class Harness extends OneInputStreamOperatorTestHarness<Event, Event> {

    Harness(AsyncFunction<Event, Event> function) throws Exception {
      super(new LookupOperatorFactory(function, 3, event -> "k"), 16, 1, 0);
      config.setupNetworkInputs(EVENTS);
      config.serializeAllConfigs();
      setup(EVENTS);
    }

    /** Runs the operator's mails until so many events have left it. */
    List<Event> await(int n) throws Exception {
      while (extractOutputValues().size() < n) {
        Mail mail = getTaskMailbox().take(0);
        mail.run();
      }
      return extractOutputValues();
    }
  }
}
