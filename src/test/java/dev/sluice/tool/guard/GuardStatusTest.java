package dev.sluice.tool.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.services.HandSetClock;
import dev.sluice.tool.stop.OnTimeout;
import dev.sluice.tool.stop.StopPolicy;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GuardStatusTest {

  private static final StopPolicy POLICY =
      new StopPolicy(
          "flights",
          List.of(URI.create("http://127.0.0.1:1")),
          null,
          false,
          false,
          Duration.ofSeconds(60),
          OnTimeout.FAIL,
          Duration.ofSeconds(30),
          null,
          Path.of("journal"),
          Map.of(),
          null,
          List.of(),
          ReceiptKeys.NONE);

  private final HandSetClock clock = new HandSetClock();
  private final GuardLog log = new GuardLog(new PrintWriter(new StringWriter(), true), clock);
  private final JobPoll poll =
      new JobPoll(
          () -> ObservedJob.unanswered(clock.instant(), "no answer"),
          "flights",
          Duration.ofSeconds(2),
          clock.time(),
          log);
  private final Guard guard =
      new Guard(POLICY, new HeldStop(), asked -> Optional.empty(), poll, List.of(), clock, log);
  private final Rehearsals rehearsals =
      new Rehearsals(
          POLICY, asked -> "would stop", guard::stop, () -> null, work -> {}, clock, log);
  private final GuardStatus status = new GuardStatus(POLICY, guard, poll, rehearsals, clock);

  @Test
  void theGuardIsAliveThoughTheJobManagerIsSilent() throws Exception {
    poll.look();
    clock.pass(Duration.ofSeconds(61));
    poll.look();
    assertThat(status.sickness()).isNull();
    assertThat(status.unreadiness()).isNotNull();
  }
}
