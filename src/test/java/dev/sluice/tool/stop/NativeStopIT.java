package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.traffic.TrafficRun;
import dev.sluice.tool.receipt.ReceiptFile;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

/**
 * A native savepoint of a real job, proved by the tool's own jar, with the RocksDB that is in it.
 */
class NativeStopIT {

  private static final String NAME = "native-stop";

  private final LocalCluster cluster = LocalCluster.shared();
  private final String broker = cluster.bootstrapServers();
  private final Path stops = cluster.directory().resolve("stops-native");

  @Test
  void itIsProvedModelByModelAndAFlippedByteIsFound() throws Exception {
    JobSpec spec =
        JobSpec.small(NAME, JobTopics.named(NAME).create(broker, 4))
            .flink("state.backend.type", "rocksdb")
            .flink("execution.checkpointing.interval", "2 s")
            .flink("execution.checkpointing.data-inline-threshold", "1kb")
            .set("sluice.sink.transaction-timeout", "10 min");
    String receipt;
    try (TrafficRun traffic = TrafficRun.into(spec, broker, 75, 200)) {
      JobUnderTest job = JobUnderTest.inProcess(cluster, spec);
      job.run(2);
      job.awaitCheckpoints(2);
      JsonNode stopped = sluice("stop", NAME, "--type", "native", "-o", "json");
      assertThat(stopped.path("receipt").path("outcome").asText()).isEqualTo("proved");
      assertThat(stopped.path("receipt").path("job").path("kafkaClusterId").asText())
          .isEqualTo(clusterId());
      assertThat(stopped.path("receipt").path("notProved").toString()).doesNotContain("brokers");
      assertThat(stopped.path("receipt").path("snapshot").path("format").asText())
          .isEqualTo("native");
      long keys = stopped.path("receipt").path("models").path("keys").asLong();
      assertThat(keys).isGreaterThan(5);
      receipt = stopped.path("receiptFile").asText();

      JsonNode verified = sluice("verify", receipt, "-o", "json");
      assertThat(verified.path("models").path("keys").asLong()).isEqualTo(keys);
      assertThat(verified.path("problems")).isEmpty();
      sluice("resume", receipt, "--parallelism", "1", "-o", "json");
      traffic.stop();
    }
    String id = job(receipt);
    JobUnderTest.running(cluster, spec, id).awaitNoLag();
    JsonNode again = sluice("stop", NAME, "--type", "native", "-o", "json");
    assertThat(again.path("receipt").path("outcome").asText()).isEqualTo("proved");
    new Ledger(broker, spec.topics(), NAME).read().assertClean();

    flipAByte(again.path("receipt").path("snapshot").path("files"));
    CommandResult damaged = cluster.sluice(words("verify", again.path("receiptFile").asText()));
    assertThat(damaged.exitCode()).as(damaged.toString()).isEqualTo(5);
    assertThat(damaged.toString()).contains("has changed since the receipt was written");
  }

  private String clusterId() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker))) {
      return admin.describeCluster().clusterId().get();
    }
  }

  private static String job(String receipt) throws Exception {
    return ReceiptFile.read(Path.of(receipt)).resumptions().get(0).jobId();
  }

  private static void flipAByte(JsonNode files) throws Exception {
    JsonNode largest = files.path(0);
    for (JsonNode file : files) {
      largest = file.path("bytes").asLong() > largest.path("bytes").asLong() ? file : largest;
    }
    Path path = Path.of(URI.create(largest.path("uri").asText()).getPath());
    try (RandomAccessFile open = new RandomAccessFile(path.toFile(), "rw")) {
      long at = open.length() * 2 / 5;
      open.seek(at);
      int before = open.read();
      open.seek(at);
      open.write(before ^ 0x55);
    }
  }

  private JsonNode sluice(String... words) {
    return cluster.sluice(words(words)).requireSuccess().json();
  }

  private String[] words(String... words) {
    return Stream.concat(Stream.of(words), Stream.of("--journal", stops.toString()))
        .toArray(String[]::new);
  }
}
