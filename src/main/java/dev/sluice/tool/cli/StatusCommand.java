package dev.sluice.tool.cli;

import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.stop.JobStatus;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints the state of a job and the progress of its stop. */
@Command(
    name = "status",
    header = "Shows the state of a job, how far its stop has come, and its last receipt.",
    exitCodeList = {
      "0:shown",
      "1:Flink knows no such job; what the journal records of it is shown",
      "10:Flink does not answer; what the journal records is shown: try again"
    },
    footer = "  sluice status sluice -o json")
final class StatusCommand extends ClusterVerb {

  @Parameters(paramLabel = "JOB", description = "The job's name in Flink, or its id.")
  String job = "";

  @Override
  public Integer call() throws IOException, InterruptedException {
    JobStatus status =
        JobStatus.of(
            connection.services(),
            job,
            connection.cluster.addresses(),
            connection.cluster.journal());
    String silence = status.silence();
    ExitCode code =
        silence.isEmpty()
            ? ExitCode.DONE
            : RefusalCode.of(silence).contains(RefusalCode.NO_ANSWER)
                ? ExitCode.NO_ANSWER
                : ExitCode.REFUSED;
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("exitCode", code.number());
    all.putAll(status.figures());
    OutputForm.putCodes(all, silence);
    return print(code.number(), all, out -> status.lines().forEach(out::println));
  }
}
