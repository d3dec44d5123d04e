package dev.sluice.tool.setup;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.sluice.codec.Details;
import dev.sluice.tool.events.CsvLook;
import dev.sluice.tool.events.CsvMapping;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The settings of a job that learns from a CSV.
 *
 * @param name of the job, and the beginning of its topics, group and transactional ids
 * @param servers the brokers
 * @param file what the CSV is called in comments
 * @param look what the CSV shows
 */
public record NewJob(String name, String servers, String file, CsvLook look) {

  /** What a name may be: it is part of topics' names, of ids and of a directory's. */
  public static final String NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,99}";

  private static final int DEFAULT_WIDTH = 128;
  private static final int MOST_WIDTH = 1024;
  private static final int DEFAULT_FEATURES = 1_000;
  private static final Duration DEFAULT_TOLERANCE = Duration.ofDays(365);
  private static final String WIDE_TOLERANCE = "36500 d";
  private static final List<String> OUTPUTS =
      List.of("predictions", "evaluations", "deferred", "dead-letters", "control", "control-log");

  public NewJob {
    if (!name.matches(NAME)) {
      throw new IllegalArgumentException(
          "a job's name has up to 100 letters, digits, - and _, but this is (%s)"
              .formatted(Details.clipped(name)));
    }
  }

  /**
   * The file of settings.
   *
   * @param now from which times are far or near
   * @throws IOException if a column or a label can't be named in settings
   */
  public String settings(Instant now) throws IOException {
    StringBuilder yaml = new StringBuilder();
    add(
        yaml,
        "# The settings of the job " + name + ", made by 'sluice init' from the columns of a CSV.");
    add(
        yaml,
        "# src/site/markdown/settings.md lists all settings; an unknown key or a bad value prevents"
            + " the start.");
    add(yaml, "");
    add(yaml, "sluice.job.name", name);
    add(yaml, "");
    add(yaml, "# Brokers, host:port, separated by commas; for a login: sluice.kafka.properties.*");
    add(yaml, "sluice.kafka.bootstrap-servers", servers);
    add(yaml, "sluice.kafka.group-id", name);
    add(yaml, "# Unique to the job in its Kafka cluster, and the same over all its restarts.");
    add(yaml, "sluice.sink.transactional-id-prefix", name);
    add(yaml, "");
    add(yaml, "sluice.topics.events", name + ".events");
    for (String output : OUTPUTS) {
      add(yaml, "sluice.topics." + output, name + "." + output);
    }
    add(yaml, "");
    addModel(yaml);
    addTimes(yaml, now);
    return yaml.toString();
  }

  private void addModel(StringBuilder yaml) throws IOException {
    CsvMapping mapping = look.mapping();
    if (mapping.regression()) {
      add(
          yaml,
          "# What it learns: the values of column "
              + Details.clipped(mapping.roles().label())
              + ".");
      add(yaml, "sluice.model.objective", "squared");
    } else {
      add(
          yaml,
          "# What it learns: the labels of column "
              + Details.clipped(mapping.roles().label())
              + ".");
      add(yaml, "sluice.model.objective", "log");
      add(yaml, "sluice.model.labels", list("label", mapping.labels()));
    }
    add(yaml, "");
    add(
        yaml,
        "# The other columns. A feature of another name or type makes an observation a dead"
            + " letter.");
    list("column", List.copyOf(mapping.features().keySet())); // refuses what can't be declared
    add(
        yaml,
        "sluice.features.declared",
        mapping.features().entrySet().stream()
            .map(each -> each.getKey() + ":" + each.getValue())
            .collect(joining(", ")));
    if (mapping.features().size() > DEFAULT_FEATURES) {
      add(yaml, "sluice.features.max-per-event", String.valueOf(mapping.features().size()));
    }
    if (look.columns() > DEFAULT_WIDTH) {
      add(
          yaml,
          "# Numbers and different texts in the CSV: %s. Fewer columns than that share weights."
              .formatted(look.columns()));
      add(yaml, "sluice.features.width", String.valueOf(width()));
    }
  }

  private int width() {
    int width = DEFAULT_WIDTH;
    while (width < look.columns() && width < MOST_WIDTH) {
      width *= 2;
    }
    return width;
  }

  /** Events that are sent much later than they happened are no mistake of this producer. */
  private void addTimes(StringBuilder yaml, Instant now) {
    Instant first = look.first() == null ? look.mapping().start() : look.first();
    if (Duration.between(first, now).abs().compareTo(DEFAULT_TOLERANCE) > 0) {
      add(yaml, "");
      add(
          yaml,
          "# The CSV begins at "
              + first
              + ": times so far from their records' own are no mistake here.");
      add(yaml, "sluice.time.tolerance", WIDE_TOLERANCE);
    }
  }

  private static String list(String what, List<String> names) throws IOException {
    for (String each : names) {
      if (each.contains(",") || !each.equals(each.trim()) || each.isEmpty()) {
        throw new IOException(
            ("%s (%s) can't be named in settings, which separate names with commas: rename it in"
                    + " the CSV%s")
                .formatted(
                    what,
                    Details.clipped(each),
                    what.equals("column") ? ", or leave it out with --without" : ""));
      }
    }
    return String.join(",", names);
  }

  private static void add(StringBuilder yaml, String line) {
    yaml.append(line).append('\n');
  }

  /** Quoted as in JSON, which YAML reads too, whatever the value holds. */
  private static void add(StringBuilder yaml, String key, String value) {
    yaml.append(key).append(": \"").append(JsonStringEncoder.getInstance().quoteAsString(value));
    yaml.append("\"\n");
  }
}
