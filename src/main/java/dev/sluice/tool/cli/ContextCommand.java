package dev.sluice.tool.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The verbs that name clusters. */
@Command(
    name = "context",
    header =
        "Names clusters: where Flink, Kafka and the journal are, and the files with passwords.",
    description = {
      "",
      "A context stands for --rest, --journal, --settings, --bootstrap-servers,",
      "--kafka-properties, --sign and --verify-key. It holds the names of files with secrets,",
      "never a secret. Flags go first; one that --context or SLUICE_CONTEXT names then gives all",
      "places of the cluster together, and what it does not give is refused where it is needed:",
      "no default and no variable stands in. SLUICE_JOURNAL and the keys' variables count beside",
      "one that has none of its own. One in use counts so where neither flags nor the environment",
      "say where a cluster is."
    },
    mixinStandardHelpOptions = true,
    subcommands = {
      ContextListCommand.class,
      ContextUseCommand.class,
      ContextShowCommand.class,
      ContextSetCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:shown, or written", "1:the file can't be used", "2:wrong usage"},
    footer = {
      "",
      "Examples:",
      "  sluice context set prod --rest https://flink:8081 --settings ~/prod/sluice.yaml",
      "  sluice context use prod"
    })
final class ContextCommand implements Runnable {

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing required verb");
  }
}
