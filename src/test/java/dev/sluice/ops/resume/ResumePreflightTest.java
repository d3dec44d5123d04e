package dev.sluice.ops.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.model.ModelState;
import dev.sluice.ops.flink.JobManager;
import dev.sluice.ops.snapshot.GivenModels;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.WrittenSnapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a resume finds in a savepoint's models before it asks any broker. */
class ResumePreflightTest {

  @TempDir Path folder;

  private final GivenModels given = new GivenModels();

  @Test
  void aModelThatIsNotSoundIsNotResumed() throws Exception {
    ModelState broken = given.learned(2);
    broken.weights[1][3] = Double.NaN;
    try (CannedFlink flink = CannedFlink.start()) {
      Finding finding = look(flink, broken);
      assertThat(finding.isGood()).isFalse();
      assertThat(finding.refusals())
          .containsExactly(
              "key (LAS): weights[1][3] is NaN. Resume from a snapshot that was taken before");
    }
  }

  /** It comes as far as the brokers, and these can't be asked. */
  @Test
  void aSoundModelIsNoReasonToRefuse() throws Exception {
    try (CannedFlink flink = CannedFlink.start().tell("/jobs/overview", "{\"jobs\":[]}")) {
      assertThatThrownBy(() -> look(flink, given.learned(2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the brokers at no-port can't be asked");
      assertThat(flink.asked()).containsExactly("GET /jobs/overview");
    }
  }

  private Finding look(CannedFlink flink, ModelState model) throws Exception {
    try (WrittenSnapshot written =
        new WrittenSnapshot(folder, new HashMapStateBackend(), false, given.meaning())) {
      String savepoint =
          written
              .key("LAS", model, Map.of())
              .take(
                  CheckpointProperties.forSyncSavepoint(
                      false, false, SavepointFormatType.CANONICAL));
      ResumePolicy policy =
          new ResumePolicy(
              savepoint,
              flink.addresses(),
              folder.resolve("job.jar"),
              null,
              false,
              null,
              Map.of("sluice.kafka.bootstrap-servers", "no-port"),
              Map.of(),
              folder,
              Duration.ofSeconds(5));
      return new ResumePreflight(new JobManager(flink.addresses(), Duration.ofSeconds(5)))
          .look(Resumable.open(policy), false, "");
    }
  }
}
