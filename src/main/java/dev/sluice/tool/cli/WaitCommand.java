package dev.sluice.tool.cli;

import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.stop.Awaited;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Waits for a job. */
@Command(
    name = "wait",
    header = "Waits until a job runs, has a checkpoint, is over, or its stop has a receipt.",
    exitCodeList = {
      "0:it has come",
      "1:the answer makes no sense",
      "4:not within --timeout",
      "9:it can not come any more",
      "10:Flink did not answer, or did not know the job, within --timeout; for a stop it is 0 or 9 once Flink has "
          + "not known the job for 60 s"
    },
    footer = "  sluice wait sluice --for checkpoint")
final class WaitCommand extends ClusterVerb {

  @Parameters(paramLabel = "JOB", description = "The job's name in Flink, or its id.")
  String job = "";

  @Option(
      names = "--for",
      paramLabel = "WHAT",
      required = true,
      description = "running, checkpoint, over, or stopped: the journal has the receipt.")
  Awaited awaited = Awaited.RUNNING;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "5m",
      converter = DurationConverter.class,
      description = "How long to wait (default: ${DEFAULT-VALUE}).")
  Duration timeout = Duration.ofMinutes(5);

  @Override
  public Integer call() throws IOException, InterruptedException {
    Awaited.Result result =
        awaited.await(
            connection.services(),
            connection.cluster.addresses(),
            job,
            connection.cluster.journal(),
            timeout);
    ExitCode code =
        switch (result.end()) {
          case REACHED -> ExitCode.DONE;
          case LATE -> ExitCode.NOT_KNOWN;
          case NEVER -> ExitCode.OTHERWISE;
          case UNANSWERED -> ExitCode.NO_ANSWER;
        };
    String text =
        code == ExitCode.NO_ANSWER ? RefusalCode.NO_ANSWER.in(result.text()) : result.text();
    Map<String, Object> all = OutputForm.result(code.number(), text);
    all.put("state", result.state());
    return print(code.number(), all, out -> out.println(text + "."));
  }
}
