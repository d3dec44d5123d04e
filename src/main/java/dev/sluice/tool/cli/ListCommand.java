package dev.sluice.tool.cli;

import dev.sluice.tool.receipt.Unasked;
import dev.sluice.tool.stop.JobList;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists jobs. */
@Command(
    name = "list",
    header = "Lists the jobs that Flink knows, and which of them are of this program.",
    exitCodeList = {
      "0:listed",
      "1:the answer makes no sense",
      "10:Flink does not answer: try again"
    },
    footer = "  sluice list -o json")
final class ListCommand extends ClusterVerb {

  @Option(names = "--all", description = "Those that are over, too.")
  boolean all;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Map<String, Object>> jobs =
        JobList.of(connection.services(), connection.cluster.addresses(), all);
    return print(Map.of("jobs", jobs), out -> print(jobs, out));
  }

  private void print(List<Map<String, Object>> jobs, PrintWriter out) {
    for (Map<String, Object> job : jobs) {
      Object prefix = job.get("transactionalIdPrefix");
      out.printf(
          "%-32s  %-12s %s, since %s%s%n",
          job.get("id"),
          job.get("state"),
          Unasked.shown(String.valueOf(job.get("name"))),
          job.get("startedAt"),
          prefix == null ? "" : ", transactions " + Unasked.shown(prefix.toString()));
    }
    if (jobs.isEmpty()) {
      out.println(all ? "Flink knows no job." : "No job runs; --all shows those that are over.");
    }
  }
}
