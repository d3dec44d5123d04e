package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.demo.Feeder;
import dev.sluice.demo.FlightEvents;
import dev.sluice.demo.Flights;
import dev.sluice.support.JobSpec;
import dev.sluice.support.JobTopics;
import dev.sluice.support.JobUnderTest;
import dev.sluice.support.Ledger;
import dev.sluice.support.LocalCluster;
import dev.sluice.support.SavepointModels;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real flights through the real job with honest label delay: the challengers beat the champion that
 * they started from, and serving the better of the two costs nothing against the better one.
 */
class LearnsIT {

  private static final Path DATA = Path.of("notebooks", "data", "flights-2001-500k.csv.gz");
  private static final int CHAMPION_ROWS = 100_000;
  private static final int ROWS = 500_000;

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();

  @Test
  void challengersBeatTheFrozenChampionOnRealFlights(@TempDir Path directory) throws Exception {
    JobTopics topics = JobTopics.named("learns").create(broker, 4);
    JobSpec spec =
        JobSpec.named("learns", topics)
            .set("sluice.champion.uri", champion(directory).toUri().toString())
            .set("sluice.model.learning-rate", "0.07");
    JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
    job.run(2);
    try (Flights flights = Flights.open(DATA)) {
      Feeder feeder = new Feeder(cluster.kafkaClient(), topics.events());
      feeder.run(new FlightEvents(flights, CHAMPION_ROWS, ROWS), 0, () -> false);
      assertThat(feeder.inTopic()).isEqualTo(2L * (ROWS - CHAMPION_ROWS));
    }
    job.awaitNoLag();
    String savepoint = job.stop();

    JsonNode score = score(topics.evaluations());
    assertThat(score.get("evaluations").asInt()).isEqualTo(ROWS - CHAMPION_ROWS);
    assertThat(auc(score, "champion")).isBetween(0.70, 0.73);
    assertThat(auc(score, "challenger")).isGreaterThanOrEqualTo(0.730);
    assertThat(auc(score, "challenger")).isGreaterThan(auc(score, "champion"));
    assertThat(logLoss(score, "challenger")).isLessThanOrEqualTo(0.428);
    assertThat(logLoss(score, "challenger")).isLessThan(logLoss(score, "champion"));
    assertThat(auc(score, "served")).isGreaterThanOrEqualTo(auc(score, "challenger") - 0.002);
    assertThat(logLoss(score, "served")).isLessThanOrEqualTo(logLoss(score, "challenger") + 0.002);
    new Ledger(broker, topics, spec.name())
        .below(SavepointModels.offsets(savepoint))
        .read()
        .assertClean();
  }

  private Path champion(Path directory) throws Exception {
    Path events = directory.resolve("champion-events.jsonl");
    try (Flights flights = Flights.open(DATA);
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(events))) {
      FlightEvents first = new FlightEvents(flights, 0, CHAMPION_ROWS);
      while (first.hasNext()) {
        out.write(first.next().json());
        out.write('\n');
      }
    }
    Path champion = directory.resolve("champion.tribuo");
    cluster
        .sluice(
            "train", events.toString(), "--without", "destination", "--output", champion.toString())
        .requireSuccess();
    return champion;
  }

  private JsonNode score(String evaluations) {
    return cluster
        .sluice("score", "--bootstrap-servers", broker, "--topic", evaluations, "-o", "json")
        .requireSuccess()
        .json();
  }

  private static double auc(JsonNode score, String model) {
    return score.get(model).get("auc").asDouble();
  }

  private static double logLoss(JsonNode score, String model) {
    return score.get(model).get("logLoss").asDouble();
  }
}
