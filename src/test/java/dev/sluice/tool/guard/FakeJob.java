package dev.sluice.tool.guard;

import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.OnTimeout;
import dev.sluice.tool.stop.OutputState;
import dev.sluice.tool.stop.StopListener;
import dev.sluice.tool.stop.StopPolicy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A job whose state the test sets, and whose stop continues when the test lets it. */
final class FakeJob extends GuardedJob {

  private static final List<URI> NOWHERE = List.of(URI.create("http://127.0.0.1:1"));

  final HeldStop stop = new HeldStop();

  /** What the guard sees. */
  volatile ObservedJob seen = GuardUnderTest.running("j1");

  /** Finds the stop that an earlier guard left. */
  volatile Left left = policy -> Optional.empty();

  /** Why rehearsals are refused; null if they go well. */
  volatile @Nullable String refusal;

  @Nullable CountDownLatch rehearsalsWaitFor;
  @Nullable OutputState output;
  @Nullable String outputFailure;

  /** The ids of jobs whose output was read. */
  final List<@Nullable String> asked = new ArrayList<>();

  FakeJob() {
    this(policy("flights", NOWHERE, Path.of("target", "no-journal-of-tests")));
  }

  FakeJob(StopPolicy policy) {
    super(ToolServices.real(), policy);
  }

  @FunctionalInterface
  interface Left {
    Optional<Function<StopListener, CompletableFuture<StopResult>>> find(StopPolicy policy)
        throws IOException, InterruptedException;
  }

  /** As of a user who says no more. */
  static StopPolicy policy(String job, List<URI> rest, Path journal) {
    return new StopPolicy(
        job,
        rest,
        null,
        false,
        false,
        Duration.ofSeconds(60),
        OnTimeout.FAIL,
        Duration.ofSeconds(30),
        null,
        journal,
        Map.of(),
        null,
        List.of(),
        ReceiptKeys.NONE);
  }

  @Override
  ObservedJob look() {
    return seen;
  }

  @Override
  CompletableFuture<StopResult> stop(StopListener listener) {
    return stop.start(listener);
  }

  @Override
  Optional<Function<StopListener, CompletableFuture<StopResult>>> leftStop()
      throws IOException, InterruptedException {
    return left.find(policy());
  }

  @Override
  String rehearse() throws IOException, InterruptedException {
    if (rehearsalsWaitFor != null) {
      rehearsalsWaitFor.await();
    }
    String why = refusal;
    if (why != null) {
      throw new IOException(why);
    }
    return "would stop job (%s)".formatted(name());
  }

  @Override
  Optional<OutputState> output(@Nullable String running) throws IOException {
    asked.add(running);
    if (outputFailure != null) {
      throw new IOException(outputFailure);
    }
    return Optional.ofNullable(output);
  }
}
