package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.ledger.Partition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.metrics.groups.InternalSplitEnumeratorMetricGroup;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WatchedEnumeratorTest {

  private static final long EARLIEST = KafkaPartitionSplit.EARLIEST_OFFSET;

  private final Context context = new Context();
  private final SortedMap<Partition, Long> brokers = new TreeMap<>();
  private @Nullable Exception brokersAway;
  private boolean closed;

  @Test
  void addedPartitionsAreCountedAndNotAssigned() throws Exception {
    brokers.put(new Partition("events", 0), 7L);
    Inner inner = new Inner(context, split("events", 0, 7));
    WatchedEnumerator watched = new WatchedEnumerator(context, inner, this::log, null);
    watched.start();
    context.tick();
    assertThat(context.unread()).isZero();

    brokers.put(new Partition("events", 1), 0L);
    brokers.put(new Partition("events", 2), 0L);
    context.tick();
    assertThat(context.unread()).isEqualTo(2);
    assertThat(context.assigned).as("splits").containsExactly(split("events", 0, 7));

    brokersAway = new IOException("away");
    context.tick();
    assertThat(context.unread()).as("what was seen last").isEqualTo(2);
    brokersAway = null;
    brokers.remove(new Partition("events", 2));
    context.tick();
    assertThat(context.unread()).isEqualTo(1);

    watched.close();
    assertThat(closed).isTrue();
    assertThat(inner.closed).isTrue();
  }

  @Test
  void beforeTheFirstDiscoveryNothingCountsAsUnread() {
    brokers.put(new Partition("events", 0), 0L);
    Inner inner = new Inner(context);
    inner.discovered = false;
    new WatchedEnumerator(context, inner, this::log, null).start();
    context.tick();
    assertThat(context.unread()).isZero();
  }

  @Test
  void aNewPartitionIsReadFromOffsetZeroAsAnOffset() {
    brokers.put(new Partition("events", 0), 100L);
    brokers.put(new Partition("events", 1), 0L);
    restore(split("events", 0, 200), split("events", 1, EARLIEST));

    assertThat(context.assigned).containsExactly(split("events", 0, 200), split("events", 1, 0));
  }

  @Test
  void aNewPartitionWhoseFirstRecordsAreDeletedIsRefusedForGood() {
    brokers.put(new Partition("events", 0), 100L);
    brokers.put(new Partition("events", 1), 3L);
    assertThatThrownBy(() -> restore(split("events", 0, 200), split("events", 1, EARLIEST)))
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .hasMessageContaining("events/1 begins at offset 3")
        .hasMessageContaining("--sluice.source.skip-deleted-inputs true");
    assertThat(context.assigned).as("splits").isEmpty();
  }

  @Test
  void aTopicThatIsNewToTheJobBeginsWhereItsLogBegins() {
    brokers.put(new Partition("events", 0), 100L);
    brokers.put(new Partition("more", 0), 55L);
    restore(split("events", 0, 200), split("more", 0, EARLIEST));

    assertThat(context.assigned).containsExactly(split("events", 0, 200), split("more", 0, 55));
  }

  @Test
  void brokersThatCanNotBeAskedFailTheAttemptAndNotTheJob() {
    brokersAway = new IOException("away");
    assertThatThrownBy(() -> restore(split("events", 0, 200)))
        .isNotInstanceOf(SuppressRestartsException.class)
        .hasMessageContaining("can't be asked about new input partitions");
  }

  /** What the user has allowed, and what Flink alone does. */
  @Test
  void withoutAJudgementDeletedRecordsAreSkipped() {
    brokers.put(new Partition("events", 0), 3L);
    Inner inner = new Inner(context, split("events", 0, EARLIEST));
    assertThatCode(() -> new WatchedEnumerator(context, inner, this::log, null).start())
        .doesNotThrowAnyException();
    assertThat(context.assigned).containsExactly(split("events", 0, EARLIEST));
  }

  /** The snapshot knows partition 0 of events; the inner enumerator assigns what it is given. */
  private void restore(KafkaPartitionSplit... assigned) {
    KafkaSourceEnumState snapshot =
        new KafkaSourceEnumState(List.of(split("events", 0, 100)), List.of(), true);
    NewPartitions added = NewPartitions.since(snapshot);
    Inner inner = new Inner(new PinnedContext(context, added), assigned);
    new WatchedEnumerator(context, inner, this::log, added).start();
  }

  private WatchedEnumerator.InputLog log() {
    return new WatchedEnumerator.InputLog(
        () -> {
          if (brokersAway != null) {
            throw brokersAway;
          }
          return new TreeMap<>(brokers);
        },
        () -> closed = true);
  }

  private static KafkaPartitionSplit split(String topic, int partition, long offset) {
    return new KafkaPartitionSplit(new TopicPartition(topic, partition), offset);
  }

  /** Assigns its splits when it is started, as the connector's does, and knows no others. */
  private static final class Inner
      implements SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> {

    private final SplitEnumeratorContext<KafkaPartitionSplit> context;
    private final List<KafkaPartitionSplit> splits;
    private boolean discovered = true;
    private boolean closed;

    Inner(SplitEnumeratorContext<KafkaPartitionSplit> context, KafkaPartitionSplit... splits) {
      this.context = context;
      this.splits = List.of(splits);
    }

    @Override
    public void start() {
      context.assignSplits(new SplitsAssignment<>(Map.of(0, splits)));
    }

    @Override
    public void handleSplitRequest(int subtaskId, @Nullable String requesterHostname) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void addSplitsBack(List<KafkaPartitionSplit> back, int subtaskId) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void addReader(int subtaskId) {
      throw new UnsupportedOperationException();
    }

    @Override
    public KafkaSourceEnumState snapshotState(long checkpointId) {
      return new KafkaSourceEnumState(splits, List.of(), discovered);
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  /** Runs periodic tasks on command. */
  private static final class Context implements SplitEnumeratorContext<KafkaPartitionSplit> {

    private final List<KafkaPartitionSplit> assigned = new ArrayList<>();
    private final List<Runnable> periodic = new ArrayList<>();
    private final Map<String, Gauge<?>> gauges = new TreeMap<>();

    void tick() {
      periodic.forEach(Runnable::run);
    }

    int unread() {
      assertThat(gauges.keySet()).isEqualTo(Set.of("unreadPartitions"));
      return (Integer) Objects.requireNonNull(gauges.get("unreadPartitions")).getValue();
    }

    @Override
    public SplitEnumeratorMetricGroup metricGroup() {
      return new InternalSplitEnumeratorMetricGroup(new Gauges());
    }

    /** Every gauge of every group. */
    private final class Gauges extends UnregisteredMetricsGroup {

      @Override
      public MetricGroup addGroup(String name) {
        return this;
      }

      @Override
      public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
        gauges.put(name, gauge);
        return gauge;
      }
    }

    @Override
    public void assignSplits(SplitsAssignment<KafkaPartitionSplit> assignment) {
      assignment.assignment().values().forEach(assigned::addAll);
    }

    @Override
    public <T> void callAsync(
        Callable<T> callable, BiConsumer<T, Throwable> handler, long delayMs, long periodMs) {
      assertThat(periodMs).isEqualTo(60_000);
      periodic.add(
          () -> {
            T result;
            try {
              result = callable.call();
            } catch (Exception e) {
              handler.accept(null, e);
              return;
            }
            handler.accept(result, null);
          });
    }

    @Override
    public <T> void callAsync(Callable<T> callable, BiConsumer<T, Throwable> handler) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void sendEventToSourceReader(int subtaskId, SourceEvent event) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int currentParallelism() {
      return 1;
    }

    @Override
    public Map<Integer, ReaderInfo> registeredReaders() {
      return Map.of();
    }

    @Override
    public void signalNoMoreSplits(int subtask) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void runInCoordinatorThread(Runnable runnable) {
      runnable.run();
    }
  }
}
