package dev.sluice.tool.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.services.HandSetClock;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the guard's log says of the job that it polls. */
class JobPollTest {

  private final HandSetClock clock = new HandSetClock();

  @ParameterizedTest
  @CsvSource({
    "RUNNING,false,flights (j1) is RUNNING",
    "RESTARTING,false,flights (j1) is RESTARTING",
    "FINISHED,false,flights (j1) is FINISHED: waiting for it to be submitted again",
    "FINISHED,true,flights (j1) is FINISHED: the guard ends",
    "RESTARTING,true,flights (j1) is RESTARTING",
    ",false,waiting for the job: no such job",
    ",true,no such job",
  })
  void onlyWhatIsWaitedForIsSaidToBe(@Nullable String state, boolean ending, String line)
      throws Exception {
    FakeJob job = new FakeJob();
    job.seen =
        state == null
            ? ObservedJob.absent(clock.instant(), "no such job")
            : ObservedJob.of(clock.instant(), "j1", state, null);
    StringWriter said = new StringWriter();
    JobPoll poll = new JobPoll(job, clock.time(), new GuardLog(new PrintWriter(said, true), clock));
    if (ending) {
      poll.guardEnds();
    }
    poll.look();
    assertThat(said.toString().strip()).endsWith("guard: " + line);
  }
}
