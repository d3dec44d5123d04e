package dev.sluice.cli;

import dev.sluice.ops.stop.JobStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells how a job is and how far its stop has come. */
@Command(
    name = "status",
    header = "Tells how a job is, how far its stop has come, and its last receipt.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:told", "1:there is no such job, or it can't be asked", "2:wrong usage"},
    footer = {"", "Example:", "  sluice status sluice -o json"})
final class StatusCommand implements Callable<Integer> {

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin OutputForm output = new OutputForm();
  @Mixin ClusterOptions cluster = new ClusterOptions();

  @Parameters(paramLabel = "JOB", description = "The job's name in Flink, or its id.")
  String job = "";

  @Override
  public Integer call() throws IOException, InterruptedException {
    JobStatus status =
        JobStatus.of(job, cluster.addresses(System.getenv()), cluster.journal(System.getenv()));
    PrintWriter out = spec.commandLine().getOut();
    if (output.isJson()) {
      OutputForm.printJson(out, status.figures());
    } else {
      status.lines().forEach(out::println);
      out.flush();
    }
    return 0;
  }
}
