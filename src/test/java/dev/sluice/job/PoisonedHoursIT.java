package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.tool.demo.FlightEvents;
import dev.sluice.tool.demo.Flights;
import dev.sluice.tool.feed.Feeder;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * For some hours the outcomes of real flights are reported inverted, and every model learns them.
 * {@code rollback --model-only} gives back the models from before, under the current offsets:
 * nothing is read again, and the losses are what they were.
 */
@Tag("operations")
class PoisonedHoursIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant SAVED = Instant.parse("2001-01-10T14:00:00Z");
  private static final Instant POISON = Instant.parse("2001-01-10T15:00:00Z");
  private static final Instant CLEAN = Instant.parse("2001-01-10T18:00:00Z");
  private static final Instant ROLLBACK = Instant.parse("2001-01-10T21:00:00Z");
  private static final Instant SOON = Instant.parse("2001-01-11T00:00:00Z");
  private static final Instant END = Instant.parse("2001-01-13T00:00:00Z");
  private static final int ROWS = 200_000;

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();
  private final RealFlights flights = new RealFlights(cluster);

  @Test
  void theModelsFromBeforeComeBackAndNothingElseDoes(@TempDir Path directory) throws Exception {
    JobTopics topics = JobTopics.named("poisoned").create(broker, 4);
    JobSpec spec =
        JobSpec.named("poisoned", topics)
            .set("sluice.champion.uri", flights.champion(directory).toUri().toString())
            .set("sluice.model.learning-rate", "0.07");
    JobUnderTest.inProcess(cluster, spec).run(2);
    feed(spec, SAVED);
    String good = stop(spec).path("receiptFile").asText();
    cluster.sluice("resume", good).requireSuccess();
    assertThat(feed(spec, ROLLBACK)).as("poisoned").isGreaterThan(1_000);
    JsonNode back =
        cluster
            .sluice("rollback", "--model-only", good, "--grace", "1m", "-o", "json")
            .requireSuccess()
            .json();
    feed(spec, END);
    JsonNode last = stop(spec).path("receipt");

    assertOnlyTheModelsWentBack(snapshot(good), back);
    Window before = window(topics, SAVED.minusSeconds(86_400), SAVED);
    Window poisoned = window(topics, CLEAN, ROLLBACK);
    Window atOnce = window(topics, ROLLBACK, SOON);
    Window later = window(topics, SOON, END);
    System.out.printf("PoisonedHoursIT:%n%s%n%s%n%s%n%s%n", before, poisoned, atOnce, later);
    assertThat(poisoned.excess()).isGreaterThan(before.excess() + 0.03);
    assertThat(atOnce.excess()).isLessThan(before.excess() + 0.01);
    assertThat(later.excess()).isLessThan(before.excess() + 0.01);
    String savepoint = last.path("snapshot").path("uri").asText();
    new Ledger(broker, topics, spec.name())
        .below(SavepointModels.offsets(savepoint))
        .read()
        .assertClean();
  }

  /** Read by Flink's own reader, which shares no code with the tool. */
  private static void assertOnlyTheModelsWentBack(String good, JsonNode back) throws Exception {
    String newest = snapshot(back.path("undo").asText());
    String mixed = back.path("snapshot").asText();
    assertThat(SavepointModels.offsets(mixed))
        .isEqualTo(SavepointModels.offsets(newest))
        .isNotEqualTo(SavepointModels.offsets(good));
    assertThat(SavepointModels.keys(mixed).held()).isEqualTo(SavepointModels.keys(newest).held());
    JsonNode receipt =
        JSON.readTree(Path.of(URI.create(mixed)).resolve("sluice-receipt.json").toFile());
    assertThat(receipt.path("resumptions")).hasSize(1);
    assertThat(receipt.path("resumptions").path(0).path("suppressed").asLong()).isZero();
  }

  /** Feeds on up to that time and waits until the job has it; how many were poisoned so far. */
  private int feed(JobSpec spec, Instant until) throws Exception {
    try (Flights rows = Flights.open(RealFlights.DATA)) {
      PoisonedFlights events =
          new PoisonedFlights(
              new FlightEvents(rows, RealFlights.CHAMPION_ROWS, ROWS), POISON, CLEAN);
      Feeder feeder = new Feeder(cluster.kafkaClient(), spec.topics().events());
      feeder.run(events, 0, () -> feeder.dataTimeMs() >= until.toEpochMilli());
      String id =
          cluster
              .sluice("status", spec.name(), "-o", "json")
              .requireSuccess()
              .json()
              .path("id")
              .asText();
      JobUnderTest.running(cluster, spec, id).awaitNoLag();
      return events.poisoned();
    }
  }

  /** The losses of what was predicted in some time. */
  private record Window(Instant from, Instant to, long n, double champion, double challenger) {

    /** By how much the challengers are worse than the champion, which nothing changes. */
    double excess() {
      return challenger - champion;
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s to %s: %,d predictions, log loss champion %.4f, challenger %.4f",
          from,
          to,
          n,
          champion,
          challenger);
    }
  }

  private Window window(JobTopics topics, Instant from, Instant to) {
    JsonNode score =
        flights.score(
            topics.evaluations(),
            "--by-observation-time",
            "--since",
            from.toString(),
            "--until",
            to.toString());
    return new Window(
        from,
        to,
        score.path("evaluations").asLong(),
        score.path("champion").path("logLoss").asDouble(),
        score.path("challenger").path("logLoss").asDouble());
  }

  private JsonNode stop(JobSpec spec) {
    return cluster
        .sluice("stop", spec.name(), "--grace", "1m", "-o", "json")
        .requireSuccess()
        .json();
  }

  private static String snapshot(String receipt) throws Exception {
    return JSON.readTree(Path.of(receipt).toFile()).path("snapshot").path("uri").asText();
  }
}
