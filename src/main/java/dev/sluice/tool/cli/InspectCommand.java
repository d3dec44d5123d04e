package dev.sluice.tool.cli;

import dev.sluice.model.Champion;
import dev.sluice.tool.flink.SavedCheckpoint;
import dev.sluice.tool.savepoint.BadSnapshotException;
import dev.sluice.tool.savepoint.Challengers;
import dev.sluice.tool.savepoint.KeySummary;
import dev.sluice.tool.savepoint.SavedKey;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.training.ChampionFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what a savepoint holds. */
@Command(
    name = "inspect",
    header = "Shows what a savepoint or checkpoint holds, from its files alone.",
    description = {
      "Prints offsets, pending transactions, the champion and totals over every key's model."
    },
    mixinStandardHelpOptions = true,
    preprocessor = SettingFlags.class,
    exitCodeList = {
      "0:shown",
      "1:it can't be read, or nothing was written",
      "10:Flink does not answer: try again"
    },
    footer = {
      "  sluice inspect SAVEPOINT --keys --sort loss --top 20",
      "  sluice inspect SAVEPOINT --key LAS --names events.jsonl",
      "  sluice inspect --checkpoint sluice --key LAS"
    })
final class InspectCommand extends Verb {

  /** How to print; csv is for tables only. */
  enum Form {
    text,
    json,
    yaml,
    csv
  }

  /** As Flink names their directories. */
  private static final Pattern CHECKPOINT = Pattern.compile(".*/chk-\\d+/?");

  /** Tries while a running job replaces its checkpoints. */
  private static final int TRIES = 5;

  @Mixin Console console = new Console();

  @Mixin final Connection connection = new Connection();

  @Parameters(
      paramLabel = "SAVEPOINT",
      arity = "0..1",
      description = {
        "Its directory, or a checkpoint's: a path or a URI. FLINK_CONF_DIR and",
        "FLINK_PLUGINS_DIR open other file systems."
      })
  String uri = "";

  @Option(
      names = "--checkpoint",
      paramLabel = "JOB",
      description = "The newest checkpoint of this job, by its name or id.")
  @Nullable String job;

  @Option(
      names = {"-o", "--output-format"},
      paramLabel = "FORM",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} (default: text); csv with --keys.")
  Form form = Form.text;

  @Option(names = "--keys", description = "A table of the keys.")
  boolean keys;

  @Option(
      names = "--sort",
      paramLabel = "ORDER",
      description = "With --keys: ${COMPLETION-CANDIDATES} (default: updates).")
  KeySummary.@Nullable Order sort;

  @Option(names = "--top", paramLabel = "N", description = "With --keys: only the first N.")
  @Nullable Integer top;

  @Option(names = "--key", paramLabel = "KEY", description = "One key in full.")
  @Nullable String key;

  @Option(
      names = "--export",
      paramLabel = "FILE",
      description = "With --key: write its challenger as a Tribuo model.")
  @Nullable Path export;

  @Option(
      names = "--names",
      paramLabel = "EVENTS",
      description = "With --key: name columns by its observations in this file.")
  @Nullable Path names;

  @Option(names = "--force", description = "With --export: replace FILE if it is there.")
  boolean force;

  @Override
  public Integer call() throws IOException, InterruptedException {
    require(
        uri.isEmpty() != (job == null),
        "Missing required parameter: SAVEPOINT, or --checkpoint JOB, not both");
    require(keys || form != Form.csv, "-o csv goes with --keys");
    require(keys || (sort == null && top == null), "--sort and --top go with --keys");
    require(!keys || key == null, "--keys and --key exclude each other");
    require(key != null || export == null, "--export goes with --key");
    require(key != null || names == null, "--names goes with --key");
    require(export != null || !force, "--force goes with --export");
    require(top == null || top >= 1, "--top (%s) must be 1 or more".formatted(top));
    if (job == null) {
      showNamed(uri);
    } else {
      showNewest(
          new NewestCheckpoint(connection.services().flink(connection.cluster.addresses()), job));
    }
    return 0;
  }

  private void showNamed(String place) throws IOException {
    try {
      show(place);
    } catch (BadSnapshotException e) {
      throw CHECKPOINT.matcher(place).matches()
          ? new IOException(
              ("%s. A job that runs deletes its checkpoints once newer ones are complete, with files that they shared: "
                      + "--checkpoint JOB reads the newest, and a savepoint stays")
                  .formatted(e.getMessage()),
              e)
          : e;
    }
  }

  private void show(String place) throws IOException {
    try {
      show(Snapshot.open(place));
    } catch (UncheckedIOException e) {
      throw Objects.requireNonNull(e.getCause());
    }
  }

  /** A job deletes a checkpoint once newer ones are complete, also while it is read here. */
  private void showNewest(NewestCheckpoint checkpoints) throws IOException, InterruptedException {
    SavedCheckpoint newest = checkpoints.find();
    for (int tries = 1; ; tries++) {
      try {
        show(newest.uri());
        return;
      } catch (BadSnapshotException e) {
        SavedCheckpoint now = checkpoints.find();
        if (now.id() == newest.id() || tries == TRIES) {
          throw e;
        }
        console
            .progress(err())
            .accept(
                "checkpoint %s was replaced by %s while it was read"
                    .formatted(newest.id(), now.id()));
        newest = now;
      }
    }
  }

  private void show(Snapshot snapshot) throws IOException {
    if (keys) {
      KeyTable table = new KeyTable(sort == null ? KeySummary.Order.updates : sort, top);
      snapshot.models().eachKey(saved -> table.add(KeySummary.of(saved)));
      print(table.json(), form == Form.csv ? table::csv : table::text);
    } else if (key != null) {
      showKey(snapshot, key);
    } else {
      SnapshotReport report = SnapshotReport.of(snapshot);
      print(report.json(), report::print);
    }
  }

  private void showKey(Snapshot snapshot, String wanted) throws IOException {
    SavedKey saved =
        snapshot
            .models()
            .key(wanted)
            .orElseThrow(
                () ->
                    new IOException(
                        "%s holds nothing of the key (%s); --keys lists those that it knows"
                            .formatted(snapshot.uri(), wanted)));
    Challengers challengers = Challengers.of(snapshot);
    ColumnNames columns =
        names == null
            ? ColumnNames.ofChampion(challengers)
            : ColumnNames.read(names, saved, challengers, new BadRows(names, err()));
    String fault = snapshot.models().fault(saved);
    KeyReport report = new KeyReport(saved, challengers, columns, snapshot.pauses(wanted), fault);
    if (export != null) {
      write(export, challengers, saved);
    }
    print(report.json(export), report::print);
  }

  private void print(Map<String, Object> object, Consumer<PrintWriter> text) {
    switch (form) {
      case text, csv -> text.accept(out());
      case json -> OutputForm.printJson(out(), object);
      case yaml -> OutputForm.printYaml(out(), object);
    }
    out().flush();
  }

  private void write(Path file, Challengers challengers, SavedKey saved) throws IOException {
    if (saved.model() == null) {
      throw new IOException(
          "the key (%s) has no model yet, only outcomes that wait; nothing was written"
              .formatted(saved.key()));
    }
    if (!force && Files.exists(file)) {
      throw new IOException(
          "%s is there already and was left as it is; --force replaces it".formatted(file));
    }
    byte[] model = challengers.export(saved.model());
    ChampionFile.write(file, model);
    err()
        .printf(
            Locale.ROOT,
            "Wrote %s, %,d bytes, sha256 %s%n",
            file,
            model.length,
            Champion.sha256(model));
  }
}
