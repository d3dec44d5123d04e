package dev.sluice.job;

import dev.sluice.kafka.Partitions;
import dev.sluice.kafka.TopicOffsets;
import dev.sluice.ledger.Partition;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connector's enumerator, and a check of the input topics each minute: partitions that were
 * added to them are not read before the next start (a split that is found during a
 * stop-with-savepoint makes the stop fail), but counted, so that an operator can resume the job
 * before retention deletes what is in them. At a restore {@link NewPartitions} judges them before
 * any reader has its splits.
 *
 * <p>Runs in the source coordinator's thread in the JobManager; brokers are asked by its worker,
 * but for the judgement, before which nothing else is to be done.
 */
final class WatchedEnumerator
    implements SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> {

  private static final Logger LOG = LoggerFactory.getLogger(WatchedEnumerator.class);

  private static final Duration PERIOD = Duration.ofMinutes(1);

  /**
   * What the brokers say of the input topics.
   *
   * @param beginnings asks for every partition that there is now, and the first offset in each that
   *     was not deleted yet
   * @param client closed with the source
   */
  record InputLog(Callable<SortedMap<Partition, Long>> beginnings, Closeable client) {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration CLOSE = Duration.ofSeconds(1);

    static InputLog of(WatchedSource.Inputs inputs) {
      Admin admin = Admin.create(inputs.client());
      TopicOffsets offsets = new TopicOffsets(admin);
      return new InputLog(
          () -> offsets.beginnings(inputs.topics()).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS),
          () -> admin.close(CLOSE));
    }
  }

  private final SplitEnumeratorContext<KafkaPartitionSplit> context;
  private final SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> inner;
  private final Supplier<InputLog> connect;
  private final @Nullable NewPartitions added;
  private final Set<Partition> reported = new HashSet<>();
  private @Nullable InputLog log;
  private boolean blind;

  /** Read by the reporters' threads. */
  private volatile int unread;

  /**
   * @param connect called once, by the coordinator's thread
   * @param added what to judge at the start; null for nothing
   */
  WatchedEnumerator(
      SplitEnumeratorContext<KafkaPartitionSplit> context,
      SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> inner,
      Supplier<InputLog> connect,
      @Nullable NewPartitions added) {
    this.context = context;
    this.inner = inner;
    this.connect = connect;
    this.added = added;
  }

  @Override
  public void start() {
    InputLog inputs = connect.get();
    log = inputs;
    context
        .metricGroup()
        .addGroup("sluice")
        .gauge(JobMetric.UNREAD_PARTITIONS.code(), (Gauge<Integer>) () -> unread);
    if (added != null) {
      added.judge(now(inputs));
    }
    inner.start();
    context.callAsync(inputs.beginnings(), this::look, PERIOD.toMillis(), PERIOD.toMillis());
  }

  private static SortedMap<Partition, Long> now(InputLog inputs) {
    try {
      return inputs.beginnings().call();
    } catch (Exception e) {
      throw new FlinkRuntimeException("the brokers can't be asked about new input partitions", e);
    }
  }

  /** A temporary lack of information is no reason to fail the job, which keeps reading. */
  private void look(SortedMap<Partition, Long> found, @Nullable Throwable failure) {
    if (failure != null) {
      if (!blind) {
        LOG.warn("New input partitions would not be seen: the brokers can't be asked", failure);
      }
      blind = true;
      return;
    }
    blind = false;
    KafkaSourceEnumState state = state();
    if (!state.initialDiscoveryFinished()) {
      return;
    }
    SortedMap<Partition, Long> others = new TreeMap<>(found);
    state.splits().forEach(s -> others.remove(Partitions.of(s.split().getTopicPartition())));
    unread = others.size();
    others.forEach(
        (partition, begin) -> {
          if (reported.add(partition)) {
            LOG.warn(
                "Partition {} was added to the input and is not read before the next resume; its log begins at offset"
                    + " {}. Stop with a savepoint and resume before retention deletes what is in it",
                partition,
                begin);
          }
        });
  }

  private KafkaSourceEnumState state() {
    try {
      return inner.snapshotState(-1); // It only copies what it knows.
    } catch (Exception e) {
      throw new FlinkRuntimeException(e);
    }
  }

  @Override
  public void handleSplitRequest(int subtaskId, @Nullable String requesterHostname) {
    inner.handleSplitRequest(subtaskId, requesterHostname);
  }

  @Override
  public void addSplitsBack(List<KafkaPartitionSplit> splits, int subtaskId) {
    inner.addSplitsBack(splits, subtaskId);
  }

  @Override
  public void addReader(int subtaskId) {
    inner.addReader(subtaskId);
  }

  @Override
  public KafkaSourceEnumState snapshotState(long checkpointId) throws Exception {
    return inner.snapshotState(checkpointId);
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    inner.notifyCheckpointComplete(checkpointId);
  }

  @Override
  public void notifyCheckpointAborted(long checkpointId) throws Exception {
    inner.notifyCheckpointAborted(checkpointId);
  }

  @Override
  public void handleSourceEvent(int subtaskId, SourceEvent sourceEvent) {
    inner.handleSourceEvent(subtaskId, sourceEvent);
  }

  @Override
  public void close() throws IOException {
    InputLog open = log;
    try {
      inner.close();
    } finally {
      if (open != null) {
        open.client().close();
      }
    }
  }
}
