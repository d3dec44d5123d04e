package dev.sluice.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The verbs about open transactions. */
@Command(
    name = "transactions",
    header = "Tells which transactions are open under a job's prefix.",
    mixinStandardHelpOptions = true,
    subcommands = {TransactionsListCommand.class},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:told",
      "1:an error",
      "2:wrong usage",
      "10:the brokers do not answer: try again"
    },
    footer = {"", "Example:", "  sluice transactions list"})
final class TransactionsCommand implements Runnable {

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing required verb");
  }
}
