package dev.sluice.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.tool.demo.FlightEvents;
import dev.sluice.tool.demo.Flights;
import dev.sluice.tool.feed.Feeder;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What tests on the repository's flights share: the champion, and the score. */
final class RealFlights {

  static final Path DATA = Path.of("notebooks", "data", "flights-2001-500k.csv.gz");
  static final int CHAMPION_ROWS = 100_000;
  static final int ROWS = 500_000;

  private final LocalCluster cluster;

  RealFlights(LocalCluster cluster) {
    this.cluster = cluster;
  }

  /**
   * A job that has read all flights after the champion's, and was stopped.
   *
   * @param score the output of {@code sluice score}
   */
  record Run(JobSpec spec, String savepoint, JsonNode score) {}

  /** Runs a job over all flights after the champion's. */
  Run run(String name, Map<String, String> settings, Path directory) throws Exception {
    JobTopics topics = JobTopics.named(name).create(cluster.bootstrapServers(), 4);
    JobSpec spec =
        JobSpec.named(name, topics)
            .set("sluice.champion.uri", champion(directory).toUri().toString());
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      spec = spec.set(setting.getKey(), setting.getValue());
    }
    JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
    job.run(2);
    try (Flights rows = Flights.open(DATA)) {
      Feeder feeder = new Feeder(cluster.kafkaClient(), topics.events());
      feeder.run(new FlightEvents(rows, CHAMPION_ROWS, ROWS), 0, () -> false);
      assertThat(feeder.inTopic()).isEqualTo(2L * (ROWS - CHAMPION_ROWS));
    }
    job.awaitNoLag();
    return new Run(spec, job.stop(), score(topics.evaluations()));
  }

  /** Trains a champion on the first {@value #CHAMPION_ROWS} flights; its file. */
  Path champion(Path directory) throws Exception {
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

  /** What {@code sluice score} says of evaluations. */
  JsonNode score(String evaluations, String... options) {
    List<String> line = new ArrayList<>(List.of("score", "--topic", evaluations, "-o", "json"));
    line.addAll(List.of("--bootstrap-servers", cluster.bootstrapServers()));
    line.addAll(List.of(options));
    return cluster.sluice(line.toArray(String[]::new)).requireSuccess().json();
  }
}
