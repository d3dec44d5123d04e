package dev.sluice.tool.report;

import dev.sluice.tool.receipt.Receipt;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What was saved and what was found of it, as figures and tables. */
final class Evidence {

  private static final String COMMITTED = "committed";
  private static final String GUARANTEE = "sluice.sink.delivery-guarantee";
  private static final int FEW = 12;

  private final Receipt receipt;

  Evidence(Receipt receipt) {
    this.receipt = receipt;
  }

  /** The figures at a glance. */
  Html figures() {
    List<Html> figures = new ArrayList<>();
    Receipt.Snapshot snapshot = receipt.snapshot();
    Receipt.Models models = receipt.models();
    figures.add(snapshot == null ? figure("Saved", "nothing", "no snapshot") : saved(snapshot));
    figures.add(
        models == null
            ? figure("Models", "not read", "one for each key")
            : figure("Models", Words.count(models.keys()), "one for each key"));
    figures.add(committed());
    figures.add(readable());
    return Html.tag("dl class=\"figures\"", Html.all(figures));
  }

  private static Html saved(Receipt.Snapshot snapshot) {
    int files = snapshot.files().size();
    return files == 0
        ? figure("Saved", "not read", "a " + snapshot.kind())
        : figure(
            "Saved",
            Words.size(snapshot.bytes()),
            "%s, in %s".formatted(snapshot.kind(), Words.count(files, "file")));
  }

  private Html committed() {
    int all = receipt.transactions().size();
    long committed = receipt.transactions().stream().filter(Evidence::isCommitted).count();
    return all == 0
        ? figure("Transactions", "none", "in this receipt")
        : figure(
            "Transactions",
            "%s of %s".formatted(Words.count(committed), Words.count(all)),
            "of those in the snapshot are committed");
  }

  private Html readable() {
    boolean exactlyOnce = !"at-least-once".equals(receipt.job().settings().get(GUARANTEE));
    String result = step(COMMITTED).map(Receipt.StepLine::result).orElse("");
    if (exactlyOnce && result.equals("ok")) {
      return figure("Outputs", "all readable", "to the end: last stable offset = end offset");
    }
    return figure(
        "Outputs",
        exactlyOnce && result.equals("failed") ? "see the problems" : "not asked",
        "whether all can be read to the end");
  }

  private Optional<Receipt.StepLine> step(String name) {
    return receipt.steps().stream().filter(line -> line.step().equals(name)).findFirst();
  }

  private static Html figure(String name, String value, String hint) {
    return Html.tag(
        "div", Html.tag("dt", name), Html.tag("dd", value), Html.tag("dd class=\"hint\"", hint));
  }

  /** Where it is, and what kind it is of. */
  Html snapshot() {
    Receipt.Snapshot snapshot = receipt.snapshot();
    if (snapshot == null) {
      return Html.tag("p", "There is neither a savepoint nor a checkpoint.");
    }
    Html about =
        new Table()
            .row(Html.text("Where"), Html.tag("code", snapshot.uri()))
            .row("Kind", "%s, %s".formatted(snapshot.kind(), snapshot.format()))
            .row(
                "Number",
                snapshot.checkpointId() == Receipt.Snapshot.UNKNOWN_ID
                    ? "not known"
                    : Words.count(snapshot.checkpointId()))
            .row("Drained", snapshot.drained() ? "yes: it ends the job for good" : "no")
            .html();
    return Html.all(about, files(snapshot.files()));
  }

  private static Html files(List<Receipt.StoredFile> files) {
    if (files.isEmpty()) {
      return Html.tag("p class=\"hint\"", "Its files were not read.");
    }
    Table table = new Table("File", "Bytes", "SHA-256");
    for (Receipt.StoredFile file : files) {
      table.row(
          Html.tag("code", file.uri()),
          Table.number(file.bytes()),
          Html.tag("code", file.sha256()));
    }
    return Html.tag(
        files.size() <= FEW ? "details open" : "details",
        Html.tag("summary", "%s and their hashes".formatted(Words.count(files.size(), "file"))),
        table.html());
  }

  /** The fate of each transaction. */
  Html transactions() {
    String said = step(COMMITTED).map(Receipt.StepLine::text).orElse("The brokers were not asked.");
    Html text = Html.tag("p", said);
    if (receipt.transactions().isEmpty()) {
      return text;
    }
    Table table = new Table("Transaction", "Producer", "Epoch", "What became of it");
    for (Receipt.Transaction each : receipt.transactions()) {
      table.row(
          Html.tag("code", each.transactionalId()),
          Html.text("" + each.producerId()),
          Html.text("" + each.epoch()),
          Html.tag(
              "span class=\"badge\" data-tone=\"%s\"".formatted(isCommitted(each) ? "good" : "bad"),
              each.fate().toLowerCase(Locale.ROOT)));
    }
    return Html.all(text, table.html());
  }

  private static boolean isCommitted(Receipt.Transaction transaction) {
    return transaction.fate().equals(COMMITTED);
  }

  /** The position of each source. */
  Html offsets() {
    if (receipt.sourceOffsets().isEmpty()) {
      return Html.tag("p", "No offsets are known.");
    }
    Table table = new Table("Partition", "Next offset to be read");
    receipt
        .sourceOffsets()
        .forEach(
            (partition, offset) -> table.row(Html.tag("code", partition), Table.number(offset)));
    return table.html();
  }

  /** Totals over every key. */
  Html models() {
    Receipt.Models models = receipt.models();
    if (models == null) {
      return Html.tag("p", "The models were not read.");
    }
    return new Table()
        .row("Keys that hold a model", Words.count(models.keys()))
        .row("Their size", Words.size(models.bytes()))
        .row("Observations predicted", Words.count(models.predictions()))
        .row("Outcomes evaluated", Words.count(models.evaluations()))
        .row("Outcomes learned", Words.count(models.updates()))
        .row("Outcomes not learned: not finite", Words.count(models.refusedUpdates()))
        .row("Predictions that wait for their outcome", Words.count(models.pendingObservations()))
        .row("Outcomes that wait for their observation", Words.count(models.waitingOutcomes()))
        .html();
  }

  /** Every resumption from this receipt. */
  Html resumptions() {
    if (receipt.resumptions().isEmpty()) {
      return Html.tag("p", "The job was not resumed from this receipt yet.");
    }
    Table table =
        new Table(
            "Resumed at",
            "As job",
            "Parallelism",
            "Inputs to read",
            "Answers suppressed",
            "What came of it");
    for (Receipt.Resumption each : receipt.resumptions()) {
      table.row(
          Html.text(Words.time(each.at())),
          Html.tag("code", each.jobId()),
          Table.number(each.parallelism()),
          each.replayed() == null ? Html.text("not known") : Table.number(each.replayed()),
          Table.number(each.suppressed()),
          Html.text(
              switch (each.state()) {
                case ASKED -> "whether Flink took the job was not written down";
                case SUBMITTED -> "Flink took it; it was not seen to make progress";
                case RUNS -> "it ran";
              }));
    }
    return table.html();
  }

  /** What was stopped, and with which settings. */
  Html job() {
    Receipt.Job job = receipt.job();
    Html about =
        new Table()
            .row(Html.text("Id"), Html.tag("code", job.id()))
            .row("Version", job.version())
            .row("Flink", job.flinkVersion())
            .row("Parallelism", Words.count(job.parallelism()))
            .html();
    Table settings = new Table("Setting", "Value");
    job.settings().forEach((key, value) -> settings.row(Html.tag("code", key), Html.text(value)));
    job.flink().forEach((key, value) -> settings.row(Html.tag("code", key), Html.text(value)));
    return Html.all(
        about,
        Html.tag(
            "details",
            Html.tag("summary", Words.count(job.settings().size() + job.flink().size(), "setting")),
            settings.html(),
            Html.tag(
                "p class=\"hint\"",
                Html.text("Fingerprint of the job's own: "),
                Html.tag("code", job.settingsFingerprint()))));
  }
}
