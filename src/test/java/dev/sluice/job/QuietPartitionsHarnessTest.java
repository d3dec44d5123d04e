package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.event.WatermarkEvent;
import org.apache.flink.runtime.io.network.partition.ResultSubpartitionIndexSet;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.apache.flink.streaming.api.operators.source.TimestampsAndWatermarks;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.io.PushingAsyncDataInput;
import org.apache.flink.streaming.runtime.streamrecord.LatencyMarker;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributes;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.TestProcessingTimeService;
import org.apache.flink.streaming.runtime.watermarkstatus.StatusWatermarkValve;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.clock.ManualClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The operator's clock behind three partitions, read by fewer tasks, as many and more: everything
 * between the partitions' generators and the operator is Flink's own.
 */
@SuppressWarnings({"try", "NullAway.Init"})
class QuietPartitionsHarnessTest {

  private static final int PARTITIONS = 3;
  private static final Duration QUIET = Duration.ofSeconds(10);

  private final ManualClock clock = new ManualClock();
  private final List<TimestampsAndWatermarks<String>> tasks = new ArrayList<>();
  private final List<SourceOutput<String>> partitions = new ArrayList<>();
  private ControlHarness operator;
  private long nowMs;

  @BeforeEach
  void open() throws Exception {
    operator = ControlHarness.started(null);
    operator.setProcessingTime(nowMs);
  }

  @AfterEach
  void close() throws Exception {
    operator.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void aQuietPartitionWithOldRecordsHoldsNoOtherOneBack(int parallelism) throws Exception {
    read(parallelism);
    partitions.get(0).collect("old", 1_000);
    for (int second = 1; second <= 20; second++) {
      partitions.get(1).collect("live", 1_000_000 + second * 1_000L);
      partitions.get(2).collect("live", 1_000_000 + second * 1_000L);
      pass(1);
      if (second <= QUIET.toSeconds()) {
        assertThat(time()).as("a short stall, after %s s", second).isLessThanOrEqualTo(999);
      } else {
        assertThat(time()).as("after %s s", second).isEqualTo(999_999 + second * 1_000L);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void timeGoesOnWhileAllAreQuietAndNeverGoesBack(int parallelism) throws Exception {
    read(parallelism);
    partitions.get(0).collect("old", 1_000);
    partitions.get(1).collect("latest", 50_000);
    pass(31);
    long quiet = time();
    assertThat(quiet).as("the latest one's time, and 20 s").isBetween(68_999L, 70_999L);

    partitions.get(0).collect("older than what was reported", 2_000);
    partitions.get(1).collect("older than the clock alone", 60_000);
    for (int second = 1; second <= 5; second++) {
      pass(1);
      assertThat(time()).isBetween(quiet, quiet + second * 1_000L);
    }
    partitions.get(0).collect("now", 200_000);
    partitions.get(1).collect("now", 200_000);
    pass(1);
    assertThat(time()).isEqualTo(199_999);
    assertThat(times()).isSorted();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void withoutAnyRecordTimeStandsStill(int parallelism) throws Exception {
    read(parallelism);
    pass(60);
    assertThat(times()).isEmpty();

    partitions.get(1).collect("first", 7_000);
    pass(2);
    assertThat(time()).isEqualTo(6_999);
  }

  /** Nothing after the end of time: the latest timestamp that there is ends no timer. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void theLatestTimestampDoesNotEndTime(int parallelism) throws Exception {
    read(parallelism);
    partitions.get(0).collect("last", Long.MAX_VALUE);
    pass(60);

    assertThat(time()).isEqualTo(Long.MAX_VALUE - 1);
  }

  /** Lets time pass, in which sources emit watermarks each second. */
  private void pass(int seconds) throws Exception {
    for (int i = 0; i < seconds; i++) {
      clock.advanceTime(Duration.ofSeconds(1));
      tasks.forEach(task -> task.emitImmediateWatermark(0));
      nowMs += 1_000;
      operator.setProcessingTime(nowMs);
    }
  }

  private long time() {
    List<Long> times = times();
    return times.isEmpty() ? Long.MIN_VALUE : times.get(times.size() - 1);
  }

  /** Every time that the operator's clock has been at. */
  private List<Long> times() {
    return operator.getOutput().stream()
        .filter(Watermark.class::isInstance)
        .map(mark -> ((Watermark) mark).getTimestamp())
        .toList();
  }

  /** Deals the partitions out to source tasks, each a channel of the operator's input. */
  private void read(int parallelism) {
    ResultSubpartitionIndexSet[] channels = new ResultSubpartitionIndexSet[parallelism];
    for (int task = 0; task < parallelism; task++) {
      channels[task] = new ResultSubpartitionIndexSet(0);
    }
    StatusWatermarkValve valve = new StatusWatermarkValve(channels);
    List<ReaderOutput<String>> outputs = new ArrayList<>();
    for (int task = 0; task < parallelism; task++) {
      TimestampsAndWatermarks<String> logic =
          TimestampsAndWatermarks.createProgressiveEventTimeLogic(
              WatermarkStrategy.<String>forGenerator(
                  context -> new IdleAwareWatermarks<>(context.getInputActivityClock(), QUIET)),
              new UnregisteredMetricsGroup(),
              new TestProcessingTimeService(),
              0,
              clock,
              clock,
              UnregisteredMetricGroups.createUnregisteredTaskMetricGroup().getIOMetricGroup());
      tasks.add(logic);
      outputs.add(logic.createMainOutput(new Channel(valve, task), new NoListener()));
    }
    for (int p = 0; p < PARTITIONS; p++) {
      partitions.add(outputs.get(p % parallelism).createOutputForSplit("partition-" + p));
    }
  }

  /** From a source task to the operator. */
  private final class Channel implements PushingAsyncDataInput.DataOutput<String> {

    private final StatusWatermarkValve valve;
    private final int channel;

    Channel(StatusWatermarkValve valve, int channel) {
      this.valve = valve;
      this.channel = channel;
    }

    @Override
    public void emitRecord(StreamRecord<String> record) {
      // only times count here
    }

    @Override
    public void emitWatermark(Watermark mark) throws Exception {
      valve.inputWatermark(mark, channel, new Input());
    }

    @Override
    public void emitWatermarkStatus(WatermarkStatus status) throws Exception {
      valve.inputWatermarkStatus(status, channel, new Input());
    }

    @Override
    public void emitLatencyMarker(LatencyMarker marker) {
      throw new AssertionError("none is asked for");
    }

    @Override
    public void emitRecordAttributes(RecordAttributes attributes) {
      throw new AssertionError("none is asked for");
    }

    @Override
    public void emitWatermark(WatermarkEvent watermark) {
      throw new AssertionError("none is asked for");
    }
  }

  /** The operator's first input, behind its valve. */
  private final class Input implements PushingAsyncDataInput.DataOutput<Object> {

    @Override
    public void emitRecord(StreamRecord<Object> record) {
      throw new AssertionError("valves have no records");
    }

    @Override
    public void emitWatermark(Watermark mark) throws Exception {
      operator.processWatermark1(mark);
    }

    @Override
    public void emitWatermarkStatus(WatermarkStatus status) throws Exception {
      operator.processWatermarkStatus1(status);
    }

    @Override
    public void emitLatencyMarker(LatencyMarker marker) {
      throw new AssertionError("none is asked for");
    }

    @Override
    public void emitRecordAttributes(RecordAttributes attributes) {
      throw new AssertionError("none is asked for");
    }

    @Override
    public void emitWatermark(WatermarkEvent watermark) {
      throw new AssertionError("none is asked for");
    }
  }

  private static final class NoListener implements TimestampsAndWatermarks.WatermarkUpdateListener {

    @Override
    public void updateIdle(boolean isIdle) {}

    @Override
    public void updateCurrentEffectiveWatermark(long watermark) {}

    @Override
    public void updateCurrentSplitWatermark(String splitId, long watermark) {}

    @Override
    public void updateCurrentSplitIdle(String splitId, boolean idle) {}

    @Override
    public void splitFinished(String splitId) {}
  }
}
