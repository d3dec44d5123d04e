package dev.sluice.job;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;

/** The enumerator's context, through which splits of new partitions go with their offsets. */
final class PinnedContext implements SplitEnumeratorContext<KafkaPartitionSplit> {

  private final SplitEnumeratorContext<KafkaPartitionSplit> context;
  private final NewPartitions added;

  PinnedContext(SplitEnumeratorContext<KafkaPartitionSplit> context, NewPartitions added) {
    this.context = context;
    this.added = added;
  }

  @Override
  public void assignSplits(SplitsAssignment<KafkaPartitionSplit> assigned) {
    Map<Integer, List<KafkaPartitionSplit>> pinned = new HashMap<>();
    assigned
        .assignment()
        .forEach(
            (reader, splits) -> pinned.put(reader, splits.stream().map(added::pinned).toList()));
    context.assignSplits(new SplitsAssignment<>(pinned));
  }

  @Override
  public SplitEnumeratorMetricGroup metricGroup() {
    return context.metricGroup();
  }

  @Override
  public void sendEventToSourceReader(int subtaskId, SourceEvent event) {
    context.sendEventToSourceReader(subtaskId, event);
  }

  @Override
  public void sendEventToSourceReader(int subtaskId, int attemptNumber, SourceEvent event) {
    context.sendEventToSourceReader(subtaskId, attemptNumber, event);
  }

  @Override
  public int currentParallelism() {
    return context.currentParallelism();
  }

  @Override
  public Map<Integer, ReaderInfo> registeredReaders() {
    return context.registeredReaders();
  }

  @Override
  public Map<Integer, Map<Integer, ReaderInfo>> registeredReadersOfAttempts() {
    return context.registeredReadersOfAttempts();
  }

  @Override
  public void signalNoMoreSplits(int subtask) {
    context.signalNoMoreSplits(subtask);
  }

  @Override
  public <T> void callAsync(Callable<T> callable, BiConsumer<T, Throwable> handler) {
    context.callAsync(callable, handler);
  }

  @Override
  public <T> void callAsync(
      Callable<T> callable, BiConsumer<T, Throwable> handler, long initialDelayMs, long periodMs) {
    context.callAsync(callable, handler, initialDelayMs, periodMs);
  }

  @Override
  public void runInCoordinatorThread(Runnable runnable) {
    context.runInCoordinatorThread(runnable);
  }

  @Override
  public void setIsProcessingBacklog(boolean isProcessingBacklog) {
    context.setIsProcessingBacklog(isProcessingBacklog);
  }
}
