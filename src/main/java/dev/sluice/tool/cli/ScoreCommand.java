package dev.sluice.tool.cli;

import dev.sluice.tool.audit.AuditedJob;
import dev.sluice.tool.scoring.Evaluations;
import dev.sluice.tool.scoring.Scoreboard;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Scores champion, challenger, served and shadows. */
@Command(
    name = "score",
    header = "Scores champion, challenger, served and shadows from the evaluations topic.",
    description = {
      "Prints AUC, log loss, accuracy, kappa and calibration error (ECE), or MAE, RMSE, R² and quantiles of the error "
          + "of a regression job. Reads what is committed when it starts; with --since not what was written more than "
          + "a day before.",
      "Memory does not grow with the topic: scores are counted in bins, keys up to 200,000, shadows up to four. The "
          + "output says what is left out, and where it matters by how much the exact AUC may differ."
    },
    exitCodeList = {
      "0:scored",
      "1:nothing to score, or the topic can't be read",
      "10:the brokers do not answer: try again"
    },
    footer = {
      "  sluice score",
      "  sluice score --every 1d --by-key --reliability",
      "  sluice score --since 2001-01-08T00:00:00Z --until 2001-01-15T00:00:00Z -o json"
    })
final class ScoreCommand extends ClusterVerb {

  @Option(
      names = "--topic",
      paramLabel = "TOPIC",
      description = "The evaluations (default: the settings', or sluice.evaluations).")
  @Nullable String named;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = TimeConverter.class,
      description = "Only evaluations from this time on, ISO-8601 or epoch milliseconds.")
  @Nullable Instant since;

  @Option(
      names = "--until",
      paramLabel = "TIME",
      converter = TimeConverter.class,
      description = "Only evaluations before this time.")
  @Nullable Instant until;

  @Option(
      names = "--by-observation-time",
      description = "Take --since, --until and --every as times of the observation, not outcome.")
  boolean byObservationTime;

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
      description = "The N keys with the most evaluations (20), served worst first.")
  @Nullable Integer byKey;

  @Option(names = "--reliability", description = "How often what is said happens, in ten bins.")
  boolean reliability;

  @Override
  public Integer call() throws IOException {
    require(every == null || !every.isZero(), "--every must be longer than 0");
    require(byKey == null || byKey >= 1, "--by-key (%s) must be 1 or more".formatted(byKey));
    Map<String, String> settings = connection.job.all();
    AuditedJob reported = AuditedJob.of(settings);
    Properties client = connection.client(reported.client());
    String topic =
        named == null
            ? settings.getOrDefault("sluice.topics.evaluations", "sluice.evaluations")
            : named;
    Scoreboard.Result result =
        new Evaluations(client, topic)
            .score(
                new Evaluations.Span(since, until, byObservationTime),
                every,
                byKey == null ? 0 : byKey,
                reading())
            .orElseThrow(
                () ->
                    new IOException(
                        "there is no evaluation in %s at %s%s: has an outcome met its observation,"
                                .formatted(
                                    topic,
                                    client.getProperty("bootstrap.servers"),
                                    since == null && until == null ? "" : " in that time")
                            + " and has the job completed a checkpoint since?"));
    ScoreTable table =
        new ScoreTable(topic, result, new ScoreTable.Shown(byObservationTime, reliability));
    return print(table.json(), table::print);
  }
}
