package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedBroker;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.HandSetClock;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Time;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two tools that know nothing of each other, each with a journal of its own. */
class TwoToolsTest {

  @TempDir Path folder;

  private StopWorld world;
  private CannedBroker broker;

  @BeforeEach
  void runAJob() throws Exception {
    world = StopWorld.in(folder);
    broker = CannedBroker.start();
    world.brokers(broker.servers());
  }

  @AfterEach
  void endFlinkAndTheBroker() throws Exception {
    world.close();
    broker.close();
  }

  @Test
  void bothAskForTheSameStop() throws Exception {
    world.goes(StopWorld.running());
    CountDownLatch looked = new CountDownLatch(2);
    List<CompletableFuture<StopResult>> both = List.of(tool("one", looked), tool("other", looked));
    both.get(0).thenCombine(both.get(1), (one, other) -> one).get();
    assertThat(world.flink.asked().stream().filter(("POST " + StopWorld.JOB + "/stop")::equals))
        .as("requests, of which Flink takes the second for the first")
        .isNotEmpty();
    assertThat(world.triggers).containsExactly(TriggerId.of(StopWorld.ID, StopWorld.STARTED, 0));
  }

  /** As at the proof of a savepoint that is read for an hour: the job may be stopped by then. */
  @Test
  void aStopThatAnotherToolIsAtIsNotSaidToHaveChangedNothing() throws Exception {
    try (Journal held =
        Journal.open(world.stops, StopWorld.ID, Duration.ofSeconds(5), Time.system())) {
      StopResult outcome =
          GracefulStop.start(new HandSetClock().services(), world.policy(), world.reported::add)
              .get();
      assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOT_KNOWN);
      assertThat(outcome.text()).contains("another stop of job", "same command");
      assertThat(held.read()).as("nothing was asked for").isEmpty();
    }
  }

  @Test
  void aStopThatFailedBeforeIsNotTakenForTheNextOne() throws Exception {
    world.status(
        TriggerId.of(StopWorld.ID, StopWorld.STARTED, 0), StopWorld.failed("a failure before"));
    world.goes(world.saved());
    StopResult outcome = tool("one", new CountDownLatch(1)).get();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(world.triggers).containsExactly(TriggerId.of(StopWorld.ID, StopWorld.STARTED, 1));
  }

  /** Whose savepoint failed, too; the other tool was the first to ask for the next. */
  @Test
  void aSavepointThatTheOtherToolAskedForIsWaitedFor() throws Exception {
    world.grace = Duration.ofSeconds(3);
    world.journal(Instant.now().toString(), StopWorld.STARTED);
    world.status(StopWorld.TRIGGER, StopWorld.failed("declined"));
    String next = TriggerId.of(StopWorld.ID, StopWorld.STARTED, 1);
    world.flink.when(
        "GET " + StopWorld.JOB + "/savepoints/" + next,
        unused -> world.status(next, StopWorld.running()));
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.TIMED_OUT);
    assertThat(outcome.text()).contains("Flink continues the savepoint");
    assertThat(world.journal()).exists();
    assertThat(world.triggers).isEmpty();
  }

  @Test
  void aSavepointOfAToolThatDidNotDrainIsNoAnswerToOneThatDoes() throws Exception {
    world.drain = true;
    world.goes(world.saved()); // which is not drained, as another tool asked for it
    StopResult outcome = tool("one", new CountDownLatch(1)).get();
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(5);
    assertThat(outcome.text()).contains("is not drained");
  }

  @Test
  void anIdIsThatOfARunAndAnAttempt() {
    String id = TriggerId.of(StopWorld.ID, StopWorld.STARTED, 0);
    assertThat(id).matches("[0-9a-f]{32}").isEqualTo("85acd748f2c70042af1834d0ac916e89");
    assertThat(TriggerId.of(StopWorld.ID, StopWorld.STARTED, 1)).isNotEqualTo(id);
    assertThat(TriggerId.of(StopWorld.ID, StopWorld.STARTED.plusMillis(1), 0)).isNotEqualTo(id);
    assertThat(TriggerId.of("f".repeat(32), StopWorld.STARTED, 0)).isNotEqualTo(id);
  }

  /** A tool whose brokers answer when the others have come as far. */
  private CompletableFuture<StopResult> tool(String name, CountDownLatch looked) throws Exception {
    StopPolicy as = world.policy();
    StopPolicy policy =
        new StopPolicy(
            as.job(),
            as.rest(),
            as.savepointDirectory(),
            as.nativeFormat(),
            as.drain(),
            Duration.ofSeconds(looked.getCount() > 1 ? 1 : 5),
            as.onTimeout(),
            as.proofPatience(),
            null,
            folder.resolve(name),
            Map.of(),
            null,
            List.of(),
            ReceiptKeys.NONE);
    ToolServices real = ToolServices.real();
    ToolServices services =
        new ToolServices(
            real.jobManagers(),
            (client, answer) -> {
              looked.countDown();
              try {
                looked.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return real.brokers(client, answer);
            },
            real.time(),
            real.ids());
    return GracefulStop.start(services, policy, world.reported::add);
  }
}
