package dev.sluice.fence;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.OutputRecord;
import dev.sluice.ledger.TransactionDeadline;
import dev.sluice.state.SluiceTypes;
import java.time.Duration;
import java.util.Properties;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** What the fence refuses in the task, however the job was submitted. */
@SuppressWarnings("try") // close() is declared to throw any exception
class RestoreFenceHarnessTest {

  @Test
  void atLeastOnceCheckpointsAreRefusedForGood() throws Exception {
    try (Harness fence = new Harness(true)) {
      fence.checkpoints(CheckpointingMode.AT_LEAST_ONCE);
      assertThatThrownBy(fence::open)
          .isInstanceOf(SuppressRestartsException.class)
          .rootCause()
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("execution.checkpointing.mode = (AT_LEAST_ONCE)")
          .hasMessageContaining("set it to EXACTLY_ONCE");
    }
  }

  /** The harness has no sink behind the fence, which is what is refused next. */
  @Test
  void exactlyOnceCheckpointsPass() throws Exception {
    try (Harness fence = new Harness(true)) {
      fence.checkpoints(CheckpointingMode.EXACTLY_ONCE);
      assertThatThrownBy(fence::open).rootCause().hasMessageContaining("with the sink behind it");
    }
  }

  @Test
  void anAtLeastOnceSinkMayHaveAtLeastOnceCheckpoints() throws Exception {
    try (Harness fence = new Harness(false)) {
      fence.checkpoints(CheckpointingMode.AT_LEAST_ONCE);
      assertThatThrownBy(fence::open).rootCause().hasMessageContaining("with the sink behind it");
    }
  }

  private static final class Harness
      extends OneInputStreamOperatorTestHarness<OutputRecord, OutputRecord> {

    Harness(boolean exactlyOnce) throws Exception {
      super(
          new RestoreFenceFactory(
              new FenceSettings(
                  FenceMode.SUPPRESS,
                  exactlyOnce,
                  false,
                  Duration.ofMinutes(1),
                  "prefix",
                  "",
                  new FenceSettings.Topics(
                      new String[] {"predictions"}, "log", new String[] {"events"}),
                  new Properties()),
              new TransactionDeadline.Limits(Duration.ofMinutes(15), Duration.ofMinutes(10))));
      config.setChainEnd();
      setup(SluiceTypes.OUTPUT_RECORD.createSerializer(getExecutionConfig().getSerializerConfig()));
    }

    void checkpoints(CheckpointingMode mode) {
      Configuration job = getEnvironment().getJobConfiguration();
      job.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(10));
      job.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, mode);
    }
  }
}
