package dev.sluice.tool.cli;

import dev.sluice.settings.JobSettings;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.LiveTransaction;
import dev.sluice.tool.resume.AbortReport;
import dev.sluice.tool.resume.TransactionAbort;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Aborts open transactions that no producer will commit. */
@Command(
    name = "abort",
    header = "Aborts open transactions of a prefix that no job will commit any more.",
    description = {
      "What is in an aborted transaction is never read; readers of committed records continue after it.",
      "Refused is one of a job that runs or that something writes in, and one that a receipt, a",
      "savepoint or a checkpoint names: a resume commits it, and without it is refused for missing",
      "answers. What no snapshot names, a resume answers again. Receipts are those of the journal,",
      "snapshots those in the cluster's execution.checkpointing.dir and savepoint-dir that are newer",
      "than the transaction; where these can't be listed, it refuses. It does not see savepoints that",
      "'flink stop --savepointPath' has put elsewhere, nor checkpoints of a job with its own directory."
    },
    exitCodeList = {
      "0:none of them is open any more; with --dry-run, none would be refused",
      "1:at least one was refused and left; each line says what came of it",
      "4:at least one was not seen to be aborted in time: the same command checks again",
      "10:Flink or the brokers do not answer, nothing changed: try again"
    },
    footer = {
      "  sluice transactions abort --older-than 20m --dry-run",
      "  sluice transactions abort --id sluice-0-17 --yes"
    })
final class TransactionsAbortCommand extends ClusterVerb {

  @Option(
      names = "--prefix",
      paramLabel = "PREFIX",
      description = "Of the transactional ids (default: the settings', or sluice).")
  @Nullable String prefix;

  @Option(names = "--id", paramLabel = "ID", arity = "1..*", description = "These ones.")
  List<String> ids = new ArrayList<>();

  @Option(
      names = "--older-than",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "All that began longer ago than this; with --id, those of them.")
  @Nullable Duration olderThan;

  @Option(
      names = "--watch",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = {
        "How long to see whether anything writes (default: a little more than the",
        "checkpoint interval of the last receipt, or 32 s; a minute at most)."
      })
  @Nullable Duration watch;

  @Option(names = "--dry-run", description = "Only check, and say what would be aborted.")
  boolean dryRun;

  @Option(names = "--yes", description = "Ask nothing: abort what may be.")
  boolean yes;

  @Override
  public Integer call() throws IOException, InterruptedException {
    JobSettings job = connection.job.settings();
    String named = prefix == null ? job.sink().transactionalIdPrefix() : prefix;
    requireUsage(named);
    TransactionAbort.Choice choice = new TransactionAbort.Choice(named, Set.copyOf(ids), olderThan);
    ToolServices services = connection.services();
    AbortReport look;
    try (Brokers brokers =
        services.brokers(
            connection.client(job.kafka().clientProperties()), ToolServices.ALL_BROKERS)) {
      TransactionAbort abort =
          new TransactionAbort(
              brokers,
              services.flink(connection.cluster.addresses(), ToolServices.GLANCE),
              connection.cluster.journal(),
              watch,
              progress(),
              services.time());
      look = abort.look(choice);
      if (!dryRun && !look.abortable().isEmpty()) {
        if (!yes && !isWanted(look)) {
          err().println("Nothing was aborted.");
          return ExitCode.REFUSED.number();
        }
        look = abort.abort(choice, look);
      }
    }
    AbortReport found = look;
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("exitCode", found.exitCode());
    all.put("prefix", named);
    all.put("dryRun", dryRun);
    all.put("transactions", found.rows().stream().map(TransactionsAbortCommand::json).toList());
    all.put("notes", found.notes());
    return print(found.exitCode(), all, out -> print(found, named, out));
  }

  private void requireUsage(String named) {
    require(
        !ids.isEmpty() || olderThan != null,
        "Missing required option: --id ID or --older-than TIME");
    require(
        dryRun || yes || Console.isTerminal(),
        "Missing required option: --yes, or --dry-run to only check");
    Pattern ours = Pattern.compile(Pattern.quote(named) + "-[0-9]+-[0-9]+");
    for (String id : ids) {
      require(
          ours.matcher(id).matches(),
          "--id (%s) is no transactional id of prefix (%s), which are named %s-SUBTASK-NUMBER: give its own --prefix"
              .formatted(id, named, named));
    }
  }

  /** A person is asked only at a terminal. */
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isWanted(AbortReport look) {
    java.io.Console console = System.console();
    String answer =
        console == null
            ? null
            : console.readLine(
                "Abort %s, for good? What is in them is never read. [y/N] ", look.abortable());
    return answer != null && answer.trim().toLowerCase(Locale.ROOT).matches("y|yes");
  }

  private static void print(AbortReport look, String named, PrintWriter out) {
    for (AbortReport.Row row : look.rows()) {
      out.println("%s  %s: %s".formatted(row.transactionalId(), words(row), row.text()));
      for (AbortReport.Held held : row.held()) {
        out.println(
            "    %s had %,d offsets behind its last stable offset %,d"
                .formatted(held.partition(), held.behind(), held.lastStable()));
      }
    }
    if (look.rows().isEmpty()) {
      out.println("No open transaction of prefix %s fits what was asked for.".formatted(named));
    }
    look.notes().forEach(note -> out.println("Note      " + note));
  }

  private static String words(AbortReport.Row row) {
    return switch (row.outcome()) {
      case ABORTABLE -> "would be aborted";
      case ABORTED -> "aborted";
      case REFUSED -> "refused";
      case ENDED -> "not open";
      case NOT_KNOWN -> "not known";
    };
  }

  private static Map<String, Object> json(AbortReport.Row row) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("transactionalId", row.transactionalId());
    LiveTransaction one = row.transaction();
    if (one != null) {
      json.put("producerId", one.producerId());
      json.put("epoch", one.epoch());
      json.put("since", one.sinceMs() < 0 ? null : Instant.ofEpochMilli(one.sinceMs()).toString());
    }
    json.put("outcome", row.outcome().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    json.put("text", row.text());
    OutputForm.putCodes(json, row.text());
    if (row.name() != null) {
      json.put("savepoint", row.name().snapshot());
      json.put("resume", row.name().resume());
    }
    json.put("partitions", row.held().stream().map(TransactionsAbortCommand::json).toList());
    return json;
  }

  private static Map<String, Object> json(AbortReport.Held held) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("partition", held.partition().toString());
    json.put("lastStableOffset", held.lastStable());
    json.put("endOffset", held.end());
    json.put("behind", held.behind());
    return json;
  }
}
