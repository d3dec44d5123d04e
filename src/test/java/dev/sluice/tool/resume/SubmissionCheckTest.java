package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedFlink;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubmissionCheckTest {

  private CannedFlink flink;

  @BeforeEach
  void startFlink() throws IOException {
    flink =
        CannedFlink.start()
            .tell("/overview", "{\"slots-total\":4,\"slots-available\":1,\"taskmanagers\":2}")
            .tell("/jobmanager/config", "[]");
  }

  @AfterEach
  void stopFlink() {
    flink.close();
  }

  @Test
  void tooFewAreNamedWithWhatCanBeDone() throws Exception {
    assertThat(missing(2, 0))
        .hasValue(
            "the job needs 2 slots, and 1 of the cluster's 4, on 2 TaskManagers, is free: start TaskManagers, or "
                + "take --parallelism 1 [SLU-RESUME-SLOTS]");
    assertThat(missing(1, 0)).isEmpty();
    assertThat(missing(4, 3)).as("those of a job that stops first").isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "execution.target,kubernetes-session",
    "execution.target,yarn-session",
    "jobmanager.scheduler,Adaptive",
    "scheduler-mode,reactive"
  })
  void aClusterThatGetsMoreByItselfIsNotJudged(String key, String value) throws Exception {
    flink.tell("/jobmanager/config", "[{\"key\":\"%s\",\"value\":\"%s\"}]".formatted(key, value));
    assertThat(missing(100, 0)).isEmpty();
  }

  private Optional<String> missing(int parallelism, int freed) throws Exception {
    JobManager jobManager = new JobManager(flink.addresses(), Duration.ofSeconds(5));
    return SubmissionCheck.slots(jobManager, Time.system(), parallelism, freed, Duration.ZERO);
  }
}
