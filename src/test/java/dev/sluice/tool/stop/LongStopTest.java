package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedLog;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.services.HandSetClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole stops that take a minute, at a canned Flink and a canned broker, in a time that passes only
 * where the tool sleeps: a wait by any other clock would never end.
 */
@Timeout(60)
class LongStopTest {

  private static final Duration SAVED = Duration.ofSeconds(40);
  private static final Duration COMMITTED = SAVED.plusSeconds(20);
  private static final String TRIGGER = TriggerId.of(StopWorld.ID, StopWorld.STARTED, 0);

  @TempDir Path folder;

  private final HandSetClock clock = new HandSetClock().slow(Duration.ofMillis(500));
  private StopWorld world;
  private CannedBroker broker;

  /** A job that writes exactly once, with the transactions of the golden savepoint. */
  @BeforeEach
  void runAJob() throws Exception {
    world = StopWorld.in(folder);
    world.grace = Duration.ofMinutes(1);
    world.patience = Duration.ofSeconds(30);
    world.goes(StopWorld.running());
    broker =
        CannedBroker.start()
            .transaction("snapshot-0-3", 5, 1, "CompleteCommit")
            .transaction("snapshot-1-3", 6, 1, "PrepareCommit");
    for (String topic : List.of("p", "e", "d", "l", "g")) {
      broker.topic(topic, new CannedLog().committed(3));
    }
    world.flink.tell(
        StopWorld.JOB + "/config",
        """
        {"execution-config":{"user-config":{"sluice-version":"1","sluice.job.name":"flights",
          "sluice.kafka.bootstrap-servers":"%s",
          "sluice.sink.transactional-id-prefix":"snapshot",
          "sluice.topics.predictions":"p","sluice.topics.evaluations":"e",
          "sluice.topics.deferred":"d","sluice.topics.dead-letters":"l",
          "sluice.topics.control-log":"g"}}}
        """
            .formatted(broker.servers()));
  }

  @AfterEach
  void end() throws Exception {
    world.close();
    broker.close();
  }

  @Test
  void aStopIsProvedOnceTheLastTransactionIsCommitted() throws Exception {
    savesAndCommits();
    StopResult outcome = stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    Receipt receipt = outcome.written().receipt();
    assertThat(receipt.transactions()).hasSize(2);
    assertThat(receipt.startedAt()).isEqualTo(HandSetClock.NOON);
    assertThat(receipt.endedAt()).isEqualTo(clock.instant());
    assertThat(clock.passed()).isBetween(COMMITTED, COMMITTED.plusSeconds(2));
  }

  @Test
  void aTransactionThatOutlastsThePatienceFailsTheProof() throws Exception {
    savesAndCommits();
    world.patience = COMMITTED.minus(SAVED).minusSeconds(5);
    StopResult outcome = stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.UNPROVED);
    assertThat(outcome.text()).contains("snapshot-1-3");
  }

  @Test
  void aSavepointThatDoesNotComeIsWaitedForAsLongAsTheGraceIs() throws Exception {
    StopResult outcome = stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.TIMED_OUT);
    assertThat(clock.passed()).isBetween(world.grace, world.grace.plusSeconds(2));
    assertThat(world.triggers).containsExactly(TRIGGER);
  }

  private void savesAndCommits() {
    clock.at(
        SAVED,
        () -> {
          world.status(TRIGGER, world.saved());
          world.state("FINISHED");
        });
    clock.at(COMMITTED, () -> broker.transaction("snapshot-1-3", 6, 1, "CompleteCommit"));
  }

  private StopResult stop() throws Exception {
    return GracefulStop.start(clock.services(), world.policy(), world.reported::add).get();
  }
}
