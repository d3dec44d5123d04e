package dev.sluice.tool.cli;

import dev.sluice.tool.lint.Lint;
import dev.sluice.tool.lint.LintReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Finds the numbers of a deployment that contradict each other. */
@Command(
    name = "lint",
    header = "Finds the numbers of a deployment that contradict each other, from its files alone.",
    description = {
      "Grace periods against the time after which the guard is killed, timeouts against checkpoints,",
      "the sink's transactions against the broker's limit. Of each contradiction it names the values,",
      "the files and the remedy; and what it could not check, and which number is missing."
    },
    exitCodeList = {
      "0:nothing contradicts",
      "1:something can't be read, or nothing could be checked",
      "5:something contradicts"
    },
    footer = "  sluice lint flink-conf/ guard.yaml server.properties --planned-downtime 10m")
final class LintCommand extends ResultVerb {

  @Parameters(
      paramLabel = "FILES",
      arity = "1..*",
      description = {
        "All of one deployment, recognised by content: Flink's config.yaml, sluice.yaml, Kubernetes",
        "manifests, compose files, systemd units, the broker's server.properties. A directory stands",
        "for the files right in it."
      })
  List<Path> files = List.of();

  @Option(
      names = "--planned-downtime",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "How long the job will be away between its stop and its resume.")
  @Nullable Duration plannedDowntime;

  @Option(
      names = "--state-size",
      paramLabel = "SIZE",
      description = {
        "How large the job's state is, as 4.8GB: Flink shows it as the full size of the last",
        "checkpoint. The guard reads as much for the proof; without it lint can't know the time."
      })
  @Nullable String stateSize;

  @Override
  public Integer call() throws IOException {
    LintReport report = Lint.of(files, plannedDowntime, stateSize);
    return print(report.exitCode(), report.figures(), out -> report.lines().forEach(out::println));
  }
}
