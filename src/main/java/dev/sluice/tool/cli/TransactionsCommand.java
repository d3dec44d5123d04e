package dev.sluice.tool.cli;

import dev.sluice.settings.JobSettings;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.PrefixTransactions;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The verbs about open transactions. */
@Command(
    name = "transactions",
    header = "Lists the transactions that are open under a job's prefix, and aborts orphans.",
    subcommands = {TransactionsCommand.Listing.class, TransactionsAbortCommand.class},
    exitCodeList = {
      "0:listed, or aborted",
      "1:an abort is refused, or an error",
      "4:one was not seen to be aborted in time: the same command checks again",
      "10:Flink or the brokers do not answer: try again"
    },
    footer = {
      "  sluice transactions list",
      "  sluice transactions abort --older-than 20m --dry-run"
    })
final class TransactionsCommand extends VerbGroup {

  /** Lists open transactions. */
  @Command(
      name = "list",
      header = "Lists the transactions that are open under a prefix, the oldest first.",
      description = {
        "Whose each is, how old, and which savepoint names it: that one is committed by its resume.",
        "Any other holds answers that the resume gives again."
      },
      exitCodeList = {
        "0:listed",
        "1:the brokers refuse",
        "10:the brokers do not answer: try again"
      },
      footer = "  sluice transactions list --prefix sluice")
  static final class Listing extends ClusterVerb {

    @Option(
        names = "--prefix",
        paramLabel = "PREFIX",
        description = "Of the transactional ids (default: the settings', or sluice).")
    @Nullable String prefix;

    @Override
    public Integer call() throws IOException, InterruptedException {
      JobSettings job = connection.job.settings();
      String named = prefix == null ? job.sink().transactionalIdPrefix() : prefix;
      ToolServices services = connection.services();
      List<Map<String, Object>> rows;
      try (Brokers brokers =
          services.brokers(
              connection.client(job.kafka().clientProperties()), ToolServices.ALL_BROKERS)) {
        rows =
            PrefixTransactions.of(
                brokers.live(named),
                named,
                connection
                    .cluster
                    .addressesIfNamed()
                    .map(rest -> services.flink(rest, ToolServices.GLANCE))
                    .orElse(null),
                connection.cluster.journal(),
                services.time().now());
      }
      return print(Map.of("prefix", named, "transactions", rows), out -> print(rows, named, out));
    }

    private static void print(List<Map<String, Object>> rows, String named, PrintWriter out) {
      for (Map<String, Object> row : rows) {
        out.printf(
            "%s  %s for %s s, producer %s, epoch %s, in %s%n",
            row.get("transactionalId"),
            row.get("state"),
            row.get("ageSeconds"),
            row.get("producerId"),
            row.get("epoch"),
            row.get("partitions"));
        out.println("    of " + row.get("owner"));
        if (row.get("savepoint") != null) {
          out.println("    committed by the resume from " + row.get("savepoint"));
        }
      }
      if (rows.isEmpty()) {
        out.println("No transaction of prefix %s is open.".formatted(named));
      }
    }
  }
}
