package dev.sluice.cli;

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
      "never a secret. A flag goes before --context, before the environment (SLUICE_REST and so on), before the context in use."
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
