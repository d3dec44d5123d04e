package dev.sluice.tool.cli;

import dev.sluice.settings.JobSettings;
import dev.sluice.tool.events.CsvLook;
import dev.sluice.tool.events.CsvMapping;
import dev.sluice.tool.events.CsvMapping.Kind;
import dev.sluice.tool.events.CsvMapping.Roles;
import dev.sluice.tool.events.CsvTable;
import dev.sluice.tool.setup.JobFiles;
import dev.sluice.tool.setup.JobTopics;
import dev.sluice.tool.setup.NewJob;
import dev.sluice.tool.stop.ShellWords;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the files of a job that learns from a CSV. */
@Command(
    name = "init",
    header = "Makes the settings, the topics and a sample of a job that learns from a CSV.",
    description = {
      "Looks at the header and the first rows: which columns are numbers, which labels there are."
          + " Writes",
      "sluice.yaml (the job's settings), columns.json (what the columns mean), topics.sh and",
      "sample.jsonl into a directory, and prints the commands that come next."
    },
    exitCodeList = {
      "0:written",
      "1:not written, or the topics could not be created",
      "10:the brokers do not answer: the files are written, try again with --force"
    },
    footer = {
      "  sluice init shop --csv sales.csv --label sold --key store --time at --create-topics",
      "  sluice init shop --csv sales.csv --label price --key store --regression --without row"
    })
final class InitCommand extends ClusterVerb {

  private static final int MOST_PARTITIONS = 1_000;
  private static final int SHOWN = 12;

  private static final String NOT_LABELS =
      " (more than %s different numbers; if they are labels, name them with --labels)"
          .formatted(CsvLook.MOST_NUMBERED_LABELS);

  @Parameters(paramLabel = "NAME", description = "The job's, and what its topics begin with.")
  String name = "";

  @Option(
      names = "--csv",
      required = true,
      paramLabel = "FILE",
      description = "Its first line names the columns; UTF-8, .gz allowed.")
  Path csv = Path.of("");

  @Option(
      names = "--label",
      required = true,
      paramLabel = "COL",
      description = "The column that is learned: labels, or numbers.")
  String label = "";

  @Option(
      names = "--key",
      required = true,
      paramLabel = "COL",
      description = "The column of the entity: each key has models of its own.")
  String key = "";

  @Option(
      names = "--time",
      paramLabel = "COL",
      description = "When a row happened (default: each row a second after the one before).")
  @Nullable String time;

  @Option(
      names = "--id",
      paramLabel = "COL",
      description = "What names a row in predictions (default: its number).")
  @Nullable String id;

  @Option(
      names = "--without",
      split = ",",
      paramLabel = "COL",
      description = "Columns that are no features, such as a row's number.")
  Set<String> without = Set.of();

  @Option(
      names = "--text",
      split = ",",
      paramLabel = "COL",
      description = "Columns of categories that are written as numbers.")
  Set<String> text = Set.of();

  @Option(
      names = "--labels",
      split = ",",
      paramLabel = "LABEL",
      description = "The labels (default: those of the rows that are looked at).")
  List<String> labels = List.of();

  @Option(names = "--regression", description = "The label is a number to be predicted.")
  boolean regression;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "100000",
      description = "How many rows are looked at (default: ${DEFAULT-VALUE}).")
  long rows;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Where the files are written (default: NAME).")
  @Nullable Path directory;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "4",
      description = "Of each topic (default: ${DEFAULT-VALUE}); of the control topic 1.")
  int partitions;

  @Option(names = "--create-topics", description = "Create the topics that are not there.")
  boolean createTopics;

  @Option(names = "--force", description = "Replace files that are there.")
  boolean force;

  /** What was made. */
  private record Made(CsvLook look, JobFiles files, @Nullable Set<String> created, String next) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    checkUsage();
    Properties client =
        connection.client(JobSettings.of(connection.job.all()).kafka().clientProperties());
    JobFiles files = new JobFiles(directory == null ? Path.of(name) : directory);
    if (!force) {
      files.requireNone();
    }
    Instant now = connection.services().time().now();
    CsvLook look = look(now.truncatedTo(ChronoUnit.SECONDS));
    NewJob job =
        new NewJob(name, client.getProperty("bootstrap.servers", ""), csv.toString(), look);
    JobSettings settings = files.write(job.settings(now), look.mapping(), csv, partitions);
    Set<String> created =
        createTopics
            ? new JobTopics(settings.topics(), partitions).create(connection.services(), client)
            : null;
    Made made = new Made(look, files, created, String.join("\n", next(files)));
    return print(json(made), out -> print(made, out));
  }

  private void checkUsage() {
    require(
        name.matches(NewJob.NAME),
        "NAME (%s) must be 1 to 100 letters, digits, - and _".formatted(name));
    require(rows >= 1, "--rows (%s) must be 1 or more".formatted(rows));
    require(
        partitions >= 1 && partitions <= MOST_PARTITIONS,
        "--partitions (%s) must be from 1 to %s".formatted(partitions, MOST_PARTITIONS));
    require(labels.isEmpty() || !regression, "--labels and --regression exclude each other");
    require(
        labels.isEmpty() || (labels.size() > 1 && new HashSet<>(labels).size() == labels.size()),
        "--labels (%s) must be two or more different labels".formatted(String.join(",", labels)));
    Set<String> roles = new TreeSet<>();
    for (String role : new String[] {label, key, time, id}) {
      require(
          role == null || roles.add(role),
          "column (%s) can have one meaning of --label, --key, --time and --id".formatted(role));
    }
    without.forEach(
        column ->
            require(
                !roles.contains(column),
                "--without (%s) is a column with another meaning".formatted(column)));
  }

  private CsvLook look(Instant start) throws IOException {
    try (CsvTable table = CsvTable.open(csv)) {
      return CsvLook.at(
          table,
          new CsvLook.Wanted(new Roles(label, key, time, id), without, text, labels, regression),
          rows,
          start);
    }
  }

  private List<String> next(JobFiles files) {
    String settings = files.settings().toString();
    List<String> next = new ArrayList<>();
    if (!createTopics) {
      next.add(ShellWords.join(List.of("sh", files.topics().toString())));
    }
    next.add(
        ShellWords.join(
            List.of("flink", "run", "-d", "target/sluice-job.jar", "--settings", settings)));
    next.add(
        ShellWords.join(
            List.of("sluice", "feed", csv.toString(), "--settings", settings, "--job", name)));
    next.add(ShellWords.join(List.of("sluice", "score", "--settings", settings)));
    next.add(ShellWords.join(List.of("sluice", "dead-letters", name, "--settings", settings)));
    return next;
  }

  private Map<String, Object> json(Made made) {
    CsvLook look = made.look();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("job", name);
    json.put("files", made.files().all().stream().map(Path::toString).toList());
    json.put("rows", look.rows());
    json.put("whole", look.whole());
    json.put("keys", look.keys());
    json.put("labels", look.mapping().labels());
    Map<String, String> features = new LinkedHashMap<>();
    look.mapping().features().forEach((feature, kind) -> features.put(feature, kind.toString()));
    json.put("features", features);
    json.put("first", look.first());
    json.put("last", look.last());
    json.put("notes", look.notes());
    json.put("createdTopics", made.created());
    json.put("next", made.next().lines().toList());
    return json;
  }

  private void print(Made made, PrintWriter out) {
    CsvLook look = made.look();
    CsvMapping mapping = look.mapping();
    out.printf(
        Locale.ROOT,
        "%s: %,d rows%s, %,d keys in column %s%s%n",
        csv,
        look.rows(),
        look.whole() ? "" : " looked at",
        look.keys(),
        key,
        look.first() == null ? "" : ", from %s to %s".formatted(look.first(), look.last()));
    out.printf(
        "  learns   %s%n",
        mapping.regression()
            ? "the values of " + label + (regression ? "" : NOT_LABELS)
            : label + ": " + some(mapping.labels()));
    for (Kind kind : Kind.values()) {
      List<String> columns =
          mapping.features().entrySet().stream()
              .filter(each -> each.getValue() == kind)
              .map(Map.Entry::getKey)
              .toList();
      if (!columns.isEmpty()) {
        out.printf("  %-7s  %s%n", kind == Kind.NUMBER ? "numbers" : "texts", some(columns));
      }
    }
    look.notes().forEach(note -> out.println("  note     " + note));
    out.println();
    made.files().all().forEach(file -> out.println("Wrote " + file));
    Set<String> created = made.created();
    if (created == null) {
      out.println(
          "No topics were created: topics.sh does it by Kafka's kafka-topics.sh, 'init --create-topics"
              + " --force' by itself");
    } else {
      out.println(
          created.isEmpty()
              ? "All topics were there already."
              : "Created the topics " + String.join(", ", created));
    }
    out.printf("%nNext (on the local cluster with deploy/local/ before flink and sluice):%n%n");
    made.next().lines().forEach(line -> out.println("    " + line));
  }

  private static String some(List<String> names) {
    String first = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
    return names.size() > SHOWN ? "%s and %s more".formatted(first, names.size() - SHOWN) : first;
  }
}
