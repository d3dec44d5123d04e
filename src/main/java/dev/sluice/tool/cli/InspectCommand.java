package dev.sluice.tool.cli;

import dev.sluice.model.Champion;
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
      "Prints offsets, pending transactions, the champion and totals over every key's model. Models"
          + " are read from the canonical format only. FLINK_CONF_DIR and FLINK_PLUGINS_DIR open"
          + " other file systems."
    },
    mixinStandardHelpOptions = true,
    exitCodeList = {"0:shown", "1:it can't be read, or nothing was written"},
    footer = {
      "  sluice inspect target/local/savepoints/savepoint-1a2b3c",
      "  sluice inspect SAVEPOINT --keys --sort loss --top 20",
      "  sluice inspect SAVEPOINT --key LAS --export LAS.tribuo"
    })
final class InspectCommand extends Verb {

  /** How to print; csv is for tables only. */
  enum Form {
    text,
    json,
    yaml,
    csv
  }

  @Mixin Console console = new Console();

  @Parameters(paramLabel = "SAVEPOINT", description = "Its directory: a path or a URI.")
  String uri = "";

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

  @Option(names = "--force", description = "With --export: replace FILE if it is there.")
  boolean force;

  @Override
  public Integer call() throws IOException {
    require(keys || form != Form.csv, "-o csv goes with --keys");
    require(keys || (sort == null && top == null), "--sort and --top go with --keys");
    require(!keys || key == null, "--keys and --key exclude each other");
    require(key != null || export == null, "--export goes with --key");
    require(export != null || !force, "--force goes with --export");
    require(top == null || top >= 1, "--top (%s) must be 1 or more".formatted(top));
    try {
      show(Snapshot.open(uri));
    } catch (UncheckedIOException e) {
      throw Objects.requireNonNull(e.getCause());
    }
    return 0;
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
    if (export != null) {
      write(export, challengers, saved);
    }
    KeyReport report = new KeyReport(saved, challengers);
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
