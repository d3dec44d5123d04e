package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import dev.sluice.event.Reason;
import java.util.List;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A key that is forgotten while the job runs, in the keyed operator in Flink's harness. */
@SuppressWarnings("try") // Flink's harness declares close() to throw any exception
class ForgetHarnessTest {

  private static final long TIMEOUT_MS = 16_000;
  private static final long AFTER_MS = 64_000;

  private ExpiryHarness job;

  @BeforeEach
  void start() throws Exception {
    job = ExpiryHarness.started(ModelExpiryHarnessTest.settings(AFTER_MS));
  }

  @AfterEach
  void stop() throws Exception {
    job.close();
  }

  @Test
  void nothingOfTheKeyStays() throws Exception {
    job.observe("LAS", "f-1", 1_000);
    job.conclude("LAS", "f-1", 2_000);
    job.observe("LAS", "f-2", 9_000);
    job.conclude("LAS", "f-3", 10_000);
    assertThat(job.timers()).isNotEmpty();

    List<OutputRecord> answers = forget("c-1", "LAS");
    assertThat(answers)
        .extracting(OutputRecord::topic)
        .containsExactly(OutputTopic.DEAD_LETTERS, OutputTopic.CONTROL_LOG);
    assertThat(answers.get(0).reason()).isEqualTo(Reason.OUTCOME_WITHOUT_OBSERVATION);
    assertThat(answers.get(0).origin().offset()).as("the outcome that waited").isEqualTo(3);
    assertThat(answers.get(0).detail()).contains("f-3").contains("forgotten");
    assertThat(job.stateEntries()).isZero();
    assertThat(job.timers()).as("but for those of a time before").isEmpty();
  }

  @Test
  void otherKeysKeepTheirs() throws Exception {
    job.observe("LAS", "f-1", 1_000);
    job.observe("ORD", "f-1", 1_000);
    forget("c-1", "LAS");

    assertThat(job.models()).containsOnlyKeys("ORD");
    assertThat(job.conclude("ORD", "f-1", 2_000))
        .extracting(OutputRecord::topic)
        .containsExactly(OutputTopic.EVALUATIONS);
  }

  @Test
  void anOutcomeThatComesLaterTimesOut() throws Exception {
    job.observe("LAS", "f-1", 1_000);
    forget("c-1", "LAS");
    assertThat(job.conclude("LAS", "f-1", 2_000)).isEmpty();

    assertThat(job.eventTime(2_000 + TIMEOUT_MS + TIMEOUT_MS / 8))
        .extracting(OutputRecord::reason)
        .containsExactly(Reason.OUTCOME_WITHOUT_OBSERVATION);
    assertThat(job.stateEntries()).isZero();
  }

  @Test
  void theKeyComesBackAsANewOne() throws Exception {
    job.observe("LAS", "f-1", 1_000);
    job.conclude("LAS", "f-1", 2_000);
    forget("c-1", "LAS");

    job.observe("LAS", "f-2", 3_000);
    assertThat(job.lastPrediction().get("updates").asLong()).isZero();
    assertThat(job.model("LAS").predictions).isEqualTo(1);
    assertThat(job.timers().stream().filter(ModelExpiry::isOwn)).hasSize(1);
  }

  @Test
  void whatIsCachedIsNotWrittenBackAfterwards() throws Exception {
    job.observe("LAS", "f-1", 1_000);
    job.saved();
    job.observe("LAS", "f-2", 2_000);
    forget("c-1", "LAS");
    for (int i = 0; i < 5; i++) {
      job.observe("K" + i, "f-1", 3_000);
    }
    assertThat(job.models()).containsOnlyKeys("K0", "K1", "K2", "K3", "K4");
  }

  @Test
  void aKeyThatNobodyKnowsIsForgottenAlready() throws Exception {
    List<OutputRecord> answers = forget("c-1", "LAS");
    assertThat(answers).extracting(OutputRecord::topic).containsExactly(OutputTopic.CONTROL_LOG);
    assertThat(ControlHarness.json(answers.get(0)).get("accepted").asBoolean()).isTrue();
    assertThat(ControlHarness.json(answers.get(0)).get("key").asText()).isEqualTo("LAS");
    assertThat(job.stateEntries()).isZero();
  }

  @Test
  void aPauseOfTheKeyStays() throws Exception {
    job.command("{\"id\":\"c-1\",\"command\":\"pause\",\"part\":\"all\",\"key\":\"LAS\"}");
    forget("c-2", "LAS");
    assertThat(job.observe("LAS", "f-1", 1_000))
        .extracting(OutputRecord::topic)
        .containsExactly(OutputTopic.DEFERRED);
  }

  @Test
  void anIdIsCarriedOutOnce() throws Exception {
    forget("c-1", "LAS");
    job.observe("LAS", "f-1", 1_000);
    List<OutputRecord> answers = forget("c-1", "LAS");
    assertThat(ControlHarness.json(answers.get(0)).get("repeated").asBoolean()).isTrue();
    assertThat(job.models()).containsOnlyKeys("LAS");
  }

  @Test
  void onlyTheTaskThatOwnsTheKeyTouchesItsState() throws Exception {
    int owners = 0;
    for (int i = 0; i < 3; i++) {
      try (ExpiryHarness task =
          new ExpiryHarness(
              ModelExpiryHarnessTest.settings(AFTER_MS), new HashMapStateBackend(), 3, i)) {
        task.open();
        boolean owns = task.owns("LAS");
        owners += owns ? 1 : 0;
        if (owns) {
          task.conclude("LAS", "f-1", 1_000);
        }
        List<OutputRecord> answers =
            task.command("{\"id\":\"c-1\",\"command\":\"forget\",\"key\":\"LAS\"}");
        assertThat(answers).hasSize((owns ? 1 : 0) + (i == 0 ? 1 : 0));
        assertThat(task.stateEntries()).isZero();
      }
    }
    assertThat(owners).isEqualTo(1);
  }

  private List<OutputRecord> forget(String id, String key) throws Exception {
    return job.command("{\"id\":\"%s\",\"command\":\"forget\",\"key\":\"%s\"}".formatted(id, key));
  }
}
