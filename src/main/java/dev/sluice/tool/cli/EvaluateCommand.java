package dev.sluice.tool.cli;

import dev.sluice.codec.EventDecoder;
import dev.sluice.model.Champion;
import dev.sluice.model.ChampionException;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.settings.JobSettings;
import dev.sluice.tool.evaluation.EvaluationBoard;
import dev.sluice.tool.evaluation.OfflineRun;
import dev.sluice.tool.events.BadRow;
import dev.sluice.tool.events.CsvEvents;
import dev.sluice.tool.events.CsvLook;
import dev.sluice.tool.events.CsvMapping.Roles;
import dev.sluice.tool.events.CsvTable;
import dev.sluice.tool.events.FileEvent;
import dev.sluice.tool.events.JsonLines;
import dev.sluice.tool.events.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a file through the job's models. */
@Command(
    name = "evaluate",
    header = "Runs a file through the job's models, without a cluster, and scores them.",
    description = {
      "Predicts each observation and learns from its outcome when that is known, with the job's settings (--settings, "
          + "--sluice.KEY VALUE). FILE holds events, JSON lines, or is a CSV whose label, key and time are named."
    },
    preprocessor = SettingFlags.class,
    exitCodeList = {"0:scored", "1:it can't be read, or nothing met its outcome"},
    footer = {
      "  sluice evaluate events.jsonl --champion champion.tribuo --every 1d",
      "  sluice evaluate sales.csv --label sold --key store --time at --delay 1h --reliability"
    })
final class EvaluateCommand extends ResultVerb {

  private static final int LOOKED_AT = 1_000_000;
  private static final int SHOWN = 5;

  /** One row in so many may have a label that the settings do not name. */
  private static final int UNKNOWN_LABELS = 10;

  private static final String LABELS = "sluice.model.labels";
  private static final String OBJECTIVE = "sluice.model.objective";
  private static final String CHAMPION_URI = "sluice.champion.uri";

  @Mixin final JobArguments job = new JobArguments();

  @Parameters(paramLabel = "FILE", description = "Events or a CSV with a header; .gz allowed.")
  Path file = Path.of("");

  @Option(names = "--label", paramLabel = "COLUMN", description = "Of a CSV: what is learned.")
  @Nullable String label;

  @Option(
      names = "--key",
      paramLabel = "COLUMN",
      description = "Of a CSV: whose model learns it (default: one learns all rows).")
  @Nullable String key;

  @Option(
      names = "--time",
      paramLabel = "COLUMN",
      description = "Of a CSV: when the row happened (default: a second apart).")
  @Nullable String time;

  @Option(
      names = "--without",
      split = ",",
      paramLabel = "COLUMN",
      description = "Of a CSV: columns that are no features.")
  Set<String> without = Set.of();

  @Option(
      names = "--text",
      split = ",",
      paramLabel = "COLUMN",
      description = "Of a CSV: texts, even if all are numbers.")
  Set<String> text = Set.of();

  @Option(
      names = "--delay",
      defaultValue = "0",
      paramLabel = "TIME",
      converter = SpanConverter.class,
      description = "An outcome is known this long after its observation, as 1h (default: 0).")
  Duration delay = Duration.ZERO;

  @Option(names = "--champion", paramLabel = "FILE", description = "A Tribuo model, as of train.")
  @Nullable Path championFile;

  @Option(
      names = "--every",
      paramLabel = "TIME",
      converter = SpanConverter.class,
      description = "Scores by spans of this length, as 1d.")
  @Nullable Duration every;

  @Option(
      names = "--by-key",
      arity = "0..1",
      fallbackValue = "20",
      paramLabel = "N",
      description = "The N keys that are served worst (20).")
  @Nullable Integer byKey;

  @Option(
      names = "--sample",
      defaultValue = "1",
      paramLabel = "N",
      description = "Only one key in N, for files of more keys than memory holds (default: all).")
  int sample = 1;

  @Option(names = "--reliability", description = "How often what is served happens, in ten bins.")
  boolean reliability;

  private long taken;
  private long badRows;
  private long unknownLabels;

  @Override
  public Integer call() throws IOException {
    check();
    Map<String, String> settings = new HashMap<>(job.all());
    if (championFile != null) {
      settings.put(CHAMPION_URI, championFile.toAbsolutePath().toUri().toString());
    } else if (settings.remove(CHAMPION_URI) != null) {
      err().println("The settings' champion is not read: name its file with --champion.");
    }
    CsvLook look = label == null ? null : look(label, settings);
    JobSettings read = JobSettings.of(settings);
    Duration timeout = read.input().outcomeTimeout();
    require(
        delay.compareTo(timeout) < 0,
        "--delay (%s) must be shorter than sluice.outcome.timeout (%s), for which the job waits"
            .formatted(delay, timeout));
    Champion champion = championFile == null ? null : champion(championFile, read);
    List<String> labels = champion == null ? read.model().labels() : champion.labels();
    EvaluationBoard board =
        new EvaluationBoard(labels, every, columns(read.model(), champion != null));
    EventDecoder decoder = new EventDecoder(read.model().labels(), read.input().rules());
    long mostBytes = Runtime.getRuntime().maxMemory() / 2;
    OfflineRun run =
        new OfflineRun(
            read.model(),
            champion,
            new OfflineRun.Rules(decoder, delay, timeout, sample, mostBytes),
            board);
    read(run, look, new EventDecoder(read.model().labels(), read.input().rules()));
    OfflineRun.Counts counts = run.finish();
    requireOwnLabels(read.model().labels(), look == null ? taken : taken / 2);
    if (board.size() == 0) {
      throw new IOException(
          ("%s holds no observation that meets its outcome (%s observations, %s outcomes alone, %s rows could not be "
                  + "used%s)")
              .formatted(
                  file,
                  counts.observations(),
                  counts.outcomesAlone(),
                  badRows,
                  sample == 1 ? "" : ", %s events of keys left out".formatted(counts.leftOut())));
    }
    requireMostRows(look == null ? taken : taken / 2);
    EvaluateReport report =
        new EvaluateReport(
            new EvaluateReport.Shown(
                file.toString(), look != null, delay, reliability, byKey, sample),
            read.model().objective(),
            labels,
            counts,
            badRows,
            board);
    return print(report.json(), report::print);
  }

  /** Champion, challenger, each rate, served, constant and pooled, at most. */
  private static int columns(ModelSettings model, boolean champion) {
    return 4 + model.rates().learningRates().size() + (champion ? 1 : 0);
  }

  /** Settings of other data leave out the rows of some labels, which favours the rest. */
  private void requireOwnLabels(List<String> labels, long used) throws IOException {
    if (unknownLabels * UNKNOWN_LABELS > used + badRows) {
      throw new IOException(
          ("%s: %,d rows have a label that %s (%s; %s) do not name: give the settings of these data with"
                  + " --settings FILE, or their labels with --%s LABEL,LABEL")
              .formatted(
                  file,
                  unknownLabels,
                  LABELS,
                  String.join(",", labels),
                  job.origin(LABELS),
                  LABELS));
    }
  }

  private void requireMostRows(long used) throws IOException {
    if (badRows > used) {
      throw new IOException(
          "%s: %,d rows could not be used, and %,d could: see above why"
              .formatted(file, badRows, used));
    }
  }

  private void check() throws IOException {
    require(
        label != null || (key == null && time == null && without.isEmpty() && text.isEmpty()),
        "--key, --time, --without and --text are of a CSV, whose --label is missing");
    require(
        label != null || !file.toString().matches("(?i).*\\.(csv|tsv)(\\.gz)?"),
        "%s looks like a CSV: name its columns with --label, --key and --time".formatted(file));
    require(every == null || !every.isZero(), "--every must be longer than 0");
    require(sample >= 1, "--sample (%s) must be 1 or more".formatted(sample));
    require(byKey == null || byKey >= 1, "--by-key (%s) must be 1 or more".formatted(byKey));
    if (!Files.exists(file)) {
      throw new IOException("there is no file %s".formatted(file));
    }
  }

  /** What the columns are; settings that the file decides, and that are not given, are added. */
  private CsvLook look(String labelColumn, Map<String, String> settings) throws IOException {
    String objective = settings.get(OBJECTIVE);
    boolean values = objective != null && !objective.equals("log") && !objective.equals("hinge");
    String labels = settings.get(LABELS);
    CsvLook.Wanted wanted =
        new CsvLook.Wanted(
            new Roles(labelColumn, key, time, null),
            without,
            text,
            labels == null || values
                ? List.of()
                : Arrays.stream(labels.split(",")).map(String::trim).toList(),
            values);
    try (CsvTable table = CsvTable.open(file)) {
      CsvLook look = CsvLook.at(table, wanted, LOOKED_AT, Instant.EPOCH);
      look.notes().forEach(err()::println);
      if (look.mapping().regression()) {
        settings.putIfAbsent(OBJECTIVE, Objective.SQUARED.code());
      } else {
        settings.putIfAbsent(LABELS, String.join(",", look.mapping().labels()));
      }
      return look;
    }
  }

  private static Champion champion(Path named, JobSettings settings) throws IOException {
    try {
      return Champion.read(
          Files.readAllBytes(named), settings.models().championVersion(), settings.model());
    } catch (ChampionException e) {
      throw new IOException("%s: %s".formatted(named, e.getMessage()), e);
    }
  }

  private void read(OfflineRun run, @Nullable CsvLook look, EventDecoder decoder)
      throws IOException {
    Reading whole = Reading.whole(Duration.ZERO, "row-", decoder);
    if (look == null) {
      try (JsonLines lines = JsonLines.open(file, whole, this::bad)) {
        take(lines, run);
      }
    } else {
      try (CsvEvents rows = new CsvEvents(CsvTable.open(file), look.mapping(), whole, this::bad)) {
        take(rows, run);
      }
    }
    if (badRows > 0) {
      err().printf("%s rows of %s could not be used%n", badRows, file);
    }
  }

  private void take(Iterator<FileEvent> events, OfflineRun run) throws IOException {
    while (events.hasNext()) {
      taken++;
      run.take(events.next());
    }
  }

  private void bad(BadRow row) {
    unknownLabels += row.kind() == BadRow.Kind.UNKNOWN_LABEL ? 1 : 0;
    if (badRows++ < SHOWN) {
      err().printf("%s: %s%n", file, row);
    }
  }
}
