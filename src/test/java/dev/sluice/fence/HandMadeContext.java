package dev.sluice.fence;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.metrics.groups.OperatorCoordinatorMetricGroup;
import org.apache.flink.runtime.checkpoint.CheckpointCoordinator;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.CoordinatorStore;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;

/** A JobMaster that only counts how often it is asked to fail the job. */
final class HandMadeContext implements OperatorCoordinator.Context {

  private final int parallelism;
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final CountDownLatch failed = new CountDownLatch(1);

  HandMadeContext(int parallelism) {
    this.parallelism = parallelism;
  }

  /** Waits for the first failure. */
  Throwable awaitFailure() throws InterruptedException {
    if (!failed.await(30, TimeUnit.SECONDS)) {
      throw new AssertionError("the job was not failed within 30 s");
    }
    return failures.get(0);
  }

  List<Throwable> failures() {
    return failures;
  }

  @Override
  public void failJob(Throwable cause) {
    failures.add(cause);
    failed.countDown();
  }

  @Override
  public int currentParallelism() {
    return parallelism;
  }

  @Override
  public JobID getJobID() {
    throw new UnsupportedOperationException();
  }

  @Override
  public OperatorID getOperatorId() {
    throw new UnsupportedOperationException();
  }

  @Override
  public OperatorCoordinatorMetricGroup metricGroup() {
    throw new UnsupportedOperationException();
  }

  @Override
  public ClassLoader getUserCodeClassloader() {
    throw new UnsupportedOperationException();
  }

  @Override
  public CoordinatorStore getCoordinatorStore() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isConcurrentExecutionAttemptsSupported() {
    return false;
  }

  @Override
  public CheckpointCoordinator getCheckpointCoordinator() {
    throw new UnsupportedOperationException();
  }
}
