package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Event;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import dev.sluice.event.Reason;
import dev.sluice.model.ModelState;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that expire, in the keyed operator in Flink's harness. */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
class ModelExpiryHarnessTest {

  private static final long TIMEOUT_MS = 16_000;
  private static final long AFTER_MS = 64_000;
  private static final long STEP_MS = AFTER_MS / 16;

  private ExpiryHarness job;

  @BeforeEach
  void start() throws Exception {
    job = ExpiryHarness.started(settings(AFTER_MS));
  }

  @AfterEach
  void stop() throws Exception {
    job.close();
  }

  @Test
  void anEventAfterALongSilenceFindsANewModel() throws Exception {
    pair("LAS", "f-1", 1_000);
    job.observe("LAS", "f-2", 1_000 + AFTER_MS);
    assertThat(updates()).as("the last moment").isEqualTo(1);

    job.observe("LAS", "f-3", 1_000 + 2 * AFTER_MS + 1);
    assertThat(updates()).isZero();
    assertThat(job.model("LAS").predictions).isEqualTo(1);
    assertThat(job.metric("modelsExpired")).isEqualTo(1);
  }

  @Test
  void withoutTheSettingAModelLivesForEverAndHasNoTimer() throws Exception {
    job.close();
    job = ExpiryHarness.started(settings(0));
    pair("LAS", "f-1", 1_000);
    job.eventTime(1_000 + 2 * TIMEOUT_MS);
    assertThat(job.timers()).isEmpty();

    job.observe("LAS", "f-2", 1_000 + 1_000 * AFTER_MS);
    assertThat(updates()).isEqualTo(1);
    assertThat(job.model("LAS").lastEventMs).isEqualTo(ModelState.UNKNOWN);
  }

  @Test
  void whatIsPendingKeepsTheModel() throws Exception {
    job.close();
    job = ExpiryHarness.started(settings(TIMEOUT_MS / 8));
    job.observe("LAS", "f-1", 1_000);
    job.eventTime(1_000 + TIMEOUT_MS / 2);
    job.observe("LAS", "f-2", 1_000 + TIMEOUT_MS / 2);
    assertThat(job.model("LAS").predictions).isEqualTo(2);

    List<OutputRecord> answers = job.conclude("LAS", "f-1", 1_000 + TIMEOUT_MS);
    assertThat(answers).extracting(OutputRecord::topic).containsExactly(OutputTopic.EVALUATIONS);
    assertThat(job.model("LAS").updates).isEqualTo(1);
  }

  @Test
  void whatShouldHaveTimedOutKeepsNothingAndIsAnswered() throws Exception {
    pair("LAS", "f-1", 1_000);
    job.conclude("LAS", "f-2", 2_000);
    List<OutputRecord> answers = job.observe("LAS", "f-3", 2_001 + AFTER_MS);

    assertThat(answers)
        .extracting(OutputRecord::reason)
        .containsExactly(Reason.OUTCOME_WITHOUT_OBSERVATION, null);
    assertThat(job.model("LAS").updates).isZero();
  }

  @Test
  void everyEventOfTheKeyCountsAnsweredOrNot() throws Exception {
    pair("LAS", "f-1", 1_000);
    job.conclude("LAS", "f-2", AFTER_MS);
    job.observe("LAS", "f-3", 2 * AFTER_MS);
    assertThat(updates()).as("after an outcome that waits").isEqualTo(1);

    job.command("{\"id\":\"c-1\",\"command\":\"pause\",\"part\":\"scoring\"}");
    job.observe("LAS", "f-4", 3 * AFTER_MS);
    job.command("{\"id\":\"c-2\",\"command\":\"resume\",\"part\":\"all\"}");
    job.observe("LAS", "f-5", 4 * AFTER_MS);
    assertThat(updates()).as("after one that was deferred").isEqualTo(1);
  }

  @Test
  void anOutcomeThatWaitsDoesNotBringAnExpiredModelBack() throws Exception {
    pair("LAS", "f-1", 1_000);
    job.conclude("LAS", "f-2", 2_000 + AFTER_MS);
    assertThat(job.models()).isEmpty();

    job.observe("LAS", "f-3", 2_001 + AFTER_MS);
    assertThat(updates()).isZero();
  }

  @Test
  void anOlderEventTakesNoTimeAway() throws Exception {
    pair("LAS", "f-1", AFTER_MS);
    job.observe("LAS", "f-2", 1_000);
    assertThat(job.model("LAS").lastEventMs).isEqualTo(AFTER_MS);
  }

  @Test
  void itsTimerFreesTheMemoryOfASilentKey() throws Exception {
    pair("LAS", "f-1", 1_000);
    job.eventTime(1_000 + AFTER_MS + STEP_MS);
    assertThat(job.models()).containsKey("LAS");

    job.eventTime(1_000 + AFTER_MS + 2 * STEP_MS);
    assertThat(job.stateEntries()).isZero();
    assertThat(job.timers()).isEmpty();
    assertThat(job.metric("modelsExpired")).isEqualTo(1);
  }

  @Test
  void itsTimerWaitsForWhatIsPending() throws Exception {
    long shortMs = TIMEOUT_MS / 8;
    job.close();
    job = ExpiryHarness.started(settings(shortMs));
    job.observe("LAS", "f-1", 1_000);
    job.eventTime(1_000 + TIMEOUT_MS);
    assertThat(job.models()).containsKey("LAS");

    job.eventTime(1_000 + TIMEOUT_MS + TIMEOUT_MS / 8);
    assertThat(job.stateEntries()).isZero();
    assertThat(job.timers()).isEmpty();
  }

  @Test
  void aBusyKeyHasOneTimerAndItsPendingHalvesHaveTheirs() throws Exception {
    long now = 0;
    for (int i = 0; i < 400; i++) {
      now = i * 500L;
      pair("LAS", "f-" + i, now);
      if (i % 3 == 0) {
        job.eventTime(now - 1);
      }
      assertThat(job.timers().stream().filter(ModelExpiry::isOwn)).as("event %s", i).hasSize(1);
    }
    job.conclude("LAS", "lonely", now);
    List<OutputRecord> answers = job.eventTime(now + TIMEOUT_MS + TIMEOUT_MS / 8);
    assertThat(answers)
        .extracting(OutputRecord::reason)
        .containsExactly(Reason.OUTCOME_WITHOUT_OBSERVATION);
    assertThat(job.model("LAS").updates).isEqualTo(400);
    assertThat(job.timers()).hasSize(1);
  }

  @Test
  void theEndOfAllInputMakesNothingOld() throws Exception {
    pair("LAS", "f-1", 1_000);
    job.eventTime(Long.MAX_VALUE);
    assertThat(job.model("LAS").updates).isEqualTo(1);
  }

  @Test
  void timesAtTheirEndsOverflowNowhere() throws Exception {
    pair("LAS", "f-1", Long.MAX_VALUE - 3 * TIMEOUT_MS);
    pair("LAS", "f-2", Long.MAX_VALUE - 2 * TIMEOUT_MS);
    job.eventTime(Long.MAX_VALUE - TIMEOUT_MS);
    job.observe("LAS", "f-3", Long.MAX_VALUE - TIMEOUT_MS);
    assertThat(updates()).isEqualTo(2);
  }

  @Test
  void aLongerTimeHoldsForModelsOfAnOlderSnapshot() throws Exception {
    pair("LAS", "f-1", 1_000);
    resumed(4 * AFTER_MS);
    job.eventTime(1_000 + 3 * AFTER_MS);
    assertThat(job.models()).containsKey("LAS");
    assertThat(job.timers()).hasSize(1);

    job.eventTime(1_000 + 5 * AFTER_MS);
    assertThat(job.stateEntries()).isZero();
  }

  @Test
  void aShorterTimeHoldsForModelsOfAnOlderSnapshot() throws Exception {
    pair("LAS", "f-1", 1_000);
    pair("ORD", "f-2", 1_000);
    resumed(AFTER_MS / 4);
    job.observe("LAS", "f-3", 1_001 + AFTER_MS / 4);
    assertThat(updates()).isZero();

    job.eventTime(1_000 + AFTER_MS / 2);
    assertThat(job.models()).as("the old timer is not waited for").containsOnlyKeys("LAS");
  }

  @Test
  void switchedOnItCountsFromTheFirstTimeOfTheRestoredJob() throws Exception {
    resumed(0);
    pair("LAS", "f-1", 1_000);
    pair("ORD", "f-2", 1_000);
    job.eventTime(1_000 + 2 * TIMEOUT_MS);
    assertThat(job.timers()).isEmpty();
    long start = 10 * AFTER_MS;

    resumed(AFTER_MS);
    job.eventTime(start);
    job.observe("LAS", "f-3", start + 1);
    assertThat(updates()).as("of a model that knew no time").isEqualTo(1);
    resumed(AFTER_MS);
    job.eventTime(start + AFTER_MS);
    assertThat(job.models()).containsOnlyKeys("LAS", "ORD");

    job.eventTime(start + AFTER_MS + 4 * STEP_MS);
    assertThat(job.stateEntries()).isZero();
    assertThat(job.timers()).isEmpty();
  }

  @Test
  void switchedOffAndOnAgainNoTimeOfBeforeCounts() throws Exception {
    pair("LAS", "f-1", 1_000);
    pair("ORD", "f-2", 1_000);
    resumed(0);
    job.eventTime(1_000 + 10 * AFTER_MS);
    pair("LAS", "f-3", 1_000 + 10 * AFTER_MS);
    assertThat(job.models()).containsOnlyKeys("LAS", "ORD");
    assertThat(job.model("LAS").lastEventMs).isEqualTo(ModelState.UNKNOWN);

    resumed(AFTER_MS);
    job.observe("LAS", "f-4", 2_000 + 11 * AFTER_MS);
    assertThat(updates()).isEqualTo(2);
    job.eventTime(1_000 + 11 * AFTER_MS);
    assertThat(job.models()).as("silent all the while").containsOnlyKeys("LAS");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void neitherTimersNorStopsNorTheirOrderChangeABitOfAnyModel(int seed) throws Exception {
    List<List<Event>> partitions = ExpiryTraffic.partitions(seed);
    ExpiryRun straight = new ExpiryRun(settings(AFTER_MS), new HashMapStateBackend(), false);
    straight.play(partitions, seed, List.of(1));
    assertThat(straight.expired()).as("models that expired").isGreaterThan(20);

    StateBackend backend =
        seed % 2 == 0 ? new EmbeddedRocksDBStateBackend() : new HashMapStateBackend();
    ExpiryRun stopped = new ExpiryRun(settings(AFTER_MS), backend, true);
    stopped.play(partitions, seed + 100, List.of(2, 1, 3, 3, 1));

    assertThat(stopped.answers()).isEqualTo(straight.answers());
    assertThat(straight.models()).containsAllEntriesOf(stopped.models());
    Set<String> freed = new TreeSet<>(straight.models().keySet());
    freed.removeAll(stopped.models().keySet());
    assertThat(freed).as("keys whose memory timers freed").isNotEmpty();
    for (String key : freed) {
      assertThat(straight.lastEventMs(key)).as(key).isLessThan(straight.latestMs() - AFTER_MS);
    }
  }

  private void pair(String key, String id, long atMs) throws Exception {
    job.observe(key, id, atMs);
    job.conclude(key, id, atMs);
  }

  /** What the last prediction says of its model. */
  private long updates() throws IOException {
    return job.lastPrediction().get("updates").asLong();
  }

  private void resumed(long afterMs) throws Exception {
    job = job.resumed(settings(afterMs));
  }

  static Map<String, String> settings(long afterMs) {
    Map<String, String> settings = new TreeMap<>();
    settings.put("sluice.outcome.timeout", TIMEOUT_MS + " ms");
    settings.put("sluice.features.width", "16");
    if (afterMs > 0) {
      settings.put("sluice.model.expire-after", afterMs + " ms");
    }
    return settings;
  }
}
