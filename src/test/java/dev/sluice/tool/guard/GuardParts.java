package dev.sluice.tool.guard;

import dev.sluice.tool.services.HandSetClock;
import dev.sluice.tool.services.ToolServices;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The parts of a guard, without its threads and its server. */
final class GuardParts implements AutoCloseable {

  final FakeJob job = new FakeJob();
  final HandSetClock clock = new HandSetClock();
  final StringWriter said = new StringWriter();
  final GuardLog log = new GuardLog(new PrintWriter(said, true), clock);
  final JobPoll poll = new JobPoll(job, clock.time(), log);
  final Guard guard =
      new Guard(
          job,
          poll,
          new OtherGuards(
              Path.of("target", "guards-of-tests"),
              "flights",
              Duration.ZERO,
              ToolServices.real(),
              log),
          List.of(),
          clock,
          log);
  final OutputWatch output = new OutputWatch(job, clock.time(), log);
  final Rehearsals rehearsals =
      new Rehearsals(job, guard::stop, output::trouble, work -> {}, clock, log);
  final GuardMetrics metrics =
      new GuardMetrics(Duration.ofMinutes(1), guard, poll, rehearsals, output, clock);

  @Override
  public void close() {
    metrics.close();
    job.close();
  }
}
