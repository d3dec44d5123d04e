package dev.sluice.tool.flink;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StopStatusTest {

  @Test
  void aSavepointThatIsGoodThoughTheJobFailedIsNotThrownAway() {
    String trace =
        "org.apache.flink.runtime.scheduler.stopwithsavepoint.StopWithSavepointStoppingException: A savepoint has "
            + "been created at: s3://s/savepoint-1, but the corresponding job 42 failed during stopping.\n\tat "
            + "a.b.C.d(C.java:1)\n";
    assertThat(StopStatus.failed(trace))
        .isInstanceOfSatisfying(
            StopStatus.FailedAfterSaving.class,
            failed -> assertThat(failed.uri()).isEqualTo("s3://s/savepoint-1"));
  }

  @Test
  void anyOtherFailureIsToldByItsInnermostCause() {
    String trace =
        "java.util.concurrent.CompletionException: outer\n\tat a.b.C.d(C.java:1)\nCaused by: "
            + "org.apache.flink.runtime.checkpoint.CheckpointException: middle\n\tat a.b.C.d(C.java:1)\nCaused by: "
            + "java.io.IOException: Mkdirs failed\n\tat a.b.C.d(C.java:1)\n";
    assertThat(StopStatus.failed(trace))
        .isEqualTo(new StopStatus.Failed("IOException: Mkdirs failed"));
  }
}
