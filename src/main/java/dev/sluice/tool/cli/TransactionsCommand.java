package dev.sluice.tool.cli;

import picocli.CommandLine.Command;

/** The verbs about open transactions. */
@Command(
    name = "transactions",
    header = "Lists the transactions that are open under a job's prefix, and aborts orphans.",
    subcommands = {TransactionsListCommand.class, TransactionsAbortCommand.class},
    exitCodeList = {
      "0:listed, or aborted",
      "1:an abort is refused, or an error",
      "4:one was not seen to be aborted in time: the same command checks again",
      "10:Flink or the brokers do not answer: try again"
    },
    footer = {
      "",
      "Examples:",
      "  sluice transactions list",
      "  sluice transactions abort --older-than 20m --dry-run"
    })
final class TransactionsCommand extends VerbGroup {}
