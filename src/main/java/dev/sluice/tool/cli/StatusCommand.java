package dev.sluice.tool.cli;

import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.stop.JobStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Prints the state of a job and the progress of its stop. */
@Command(
    name = "status",
    preprocessor = SettingFlags.class,
    header = "Shows the state of a job, how far its stop has come, and its last receipt.",
    exitCodeList = {
      "0:shown",
      "1:Flink knows no such job; what the journal records of it is shown",
      "2:wrong usage",
      "10:Flink does not answer; what the journal records is shown: try again"
    },
    footer = {"", "Example:", "  sluice status sluice -o json"})
final class StatusCommand extends Verb {

  @Mixin Connection connection = new Connection();

  @Parameters(paramLabel = "JOB", description = "The job's name in Flink, or its id.")
  String job = "";

  @Override
  public Integer call() throws IOException, InterruptedException {
    JobStatus status =
        JobStatus.of(
            connection.services(),
            job,
            connection.cluster.addresses(System.getenv()),
            connection.cluster.journal(System.getenv()));
    PrintWriter out = spec.commandLine().getOut();
    String silence = status.silence();
    ExitCode code =
        silence.isEmpty()
            ? ExitCode.DONE
            : RefusalCode.of(silence).contains(RefusalCode.NO_ANSWER)
                ? ExitCode.NO_ANSWER
                : ExitCode.REFUSED;
    if (output.isJson()) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("exitCode", code.number());
      all.putAll(status.figures());
      OutputForm.putCodes(all, silence);
      output.print(out, all);
    } else {
      status.lines().forEach(out::println);
      out.flush();
    }
    return code.number();
  }
}
