package dev.sluice.tool.flink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.Certificates;
import dev.sluice.support.ReverseProxy;
import dev.sluice.support.cluster.Command;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.SavedKeys;
import dev.sluice.support.cluster.SavepointModels;
import dev.sluice.support.ledger.Ledger;
import dev.sluice.support.traffic.TrafficRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A JobManager whose REST interface asks for a certificate, reached with one, and by way of a proxy
 * that has a path and asks for a password.
 */
@Tag("operations")
class SecuredRestIT {

  private static final int OFFSET = LocalCluster.firstTestOffset() + 200;
  private static final String NAME = "behind-tls";
  private static final String JOB_MANAGER = "https://127.0.0.1:" + (8081 + OFFSET);
  private static final Path DIRECTORY = Path.of("target", "it-secured-rest").toAbsolutePath();
  private static final Path JARS = Path.of("target").toAbsolutePath();
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final String SECRET = "c2x1aWNlOm9ubHktZm9yLXRlc3Rz";

  @TempDir private static Path folder;

  private static Certificates certificates;

  /** FLINK_CONF_DIR of an operator with a key, and of one without. */
  private static Path withKey = Path.of("");

  private static Path withoutKey = Path.of("");

  @BeforeAll
  static void makeCertificates() throws Exception {
    certificates = Certificates.in(folder.resolve("stores"), "jobmanager", "operator", "proxy");
    withKey = configuration("with-key", "operator", true);
    withoutKey = configuration("without-key", "operator", false);
  }

  @Test
  void aJobIsStoppedAndResumedOverMutualTlsAndBehindAProxy() throws Exception {
    try (LocalCluster cluster = start();
        ReverseProxy proxy =
            ReverseProxy.start(
                certificates, "proxy", "/team/flink", JOB_MANAGER, "Basic " + SECRET)) {
      String broker = cluster.bootstrapServers();
      JobSpec spec =
          JobSpec.small(NAME, JobTopics.named(NAME).create(broker, 2))
              .set("sluice.sink.transaction-timeout", "10 min");
      try (TrafficRun traffic = TrafficRun.into(spec, broker, 95, 100)) {
        run(cluster, spec);
        assertWhoeverShowsNothingIsRefused(proxy);

        String receipt = stop(Map.of(), JOB_MANAGER);
        Map<String, String> headers = headers();
        succeed(headers, proxy.address(), "resume", receipt, "--jar", jar());
        assertThat(json(headers, proxy.address(), "status", NAME).path("state").asText())
            .isEqualTo("RUNNING");
        String second = stop(headers, proxy.address());
        assertThat(proxy.passed()).as("requests by way of the proxy").isGreaterThan(10);
        assertThat(Files.readString(Path.of(second))).doesNotContain(SECRET);

        succeed(Map.of(), JOB_MANAGER, "resume", second, "--jar", jar());
        traffic.stop();
        assertClean(cluster, spec, stop(Map.of(), JOB_MANAGER));
      }
    }
  }

  private static void assertWhoeverShowsNothingIsRefused(ReverseProxy proxy) throws IOException {
    assertRefused(tool(withoutKey, Map.of(), JOB_MANAGER, "status", NAME), "security.ssl.rest");
    assertRefused(tool(withKey, Map.of(), proxy.address(), "status", NAME), "SLUICE_REST_HEADERS");
    String wrong = proxy.address().replace("/team/flink", "/other");
    assertRefused(tool(withKey, headers(), wrong, "stop", NAME), "check the path of --rest");
  }

  private static void assertRefused(CommandResult result, String words) {
    assertThat(result.exitCode()).as(result.toString()).isIn(1, 10); // refused, or no answer
    assertThat(result.stdout() + result.stderr()).contains(words).doesNotContain(SECRET);
  }

  /** By Flink's own command, which shows the JobManager's key. */
  private static void run(LocalCluster cluster, JobSpec spec) {
    List<String> command = new ArrayList<>(List.of("run", "-d"));
    command.addAll(spec.options(1, List.of()));
    command.add(jar());
    command.addAll(spec.arguments(cluster.bootstrapServers()));
    cluster.flink(command.toArray(new String[0])).requireSuccess();
  }

  /** Waits until the job has a checkpoint; the receipt's file. */
  private static String stop(Map<String, String> more, String rest) {
    JsonNode reported = json(more, rest, "stop", NAME, "--grace", "2m");
    assertThat(reported.path("receipt").path("outcome").asText()).isEqualTo("proved");
    return reported.path("receiptFile").asText();
  }

  private static JsonNode json(Map<String, String> more, String rest, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("-o", "json"));
    return succeed(more, rest, all.toArray(new String[0])).json();
  }

  private static CommandResult succeed(Map<String, String> more, String rest, String... arguments) {
    return tool(withKey, more, rest, arguments).requireSuccess();
  }

  /** The tool as an operator runs it who has nothing of the cluster but its address. */
  private static CommandResult tool(
      Path configuration, Map<String, String> more, String rest, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                JARS.resolve("sluice.jar").toString()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--rest", rest, "--journal", folder.resolve("journal").toString()));
    Map<String, String> environment = new HashMap<>(more);
    environment.put("FLINK_CONF_DIR", configuration.toString());
    return Command.run(command, environment, LIMIT);
  }

  private static String jar() {
    return JARS.resolve("sluice-job.jar").toString();
  }

  /** What names the file with the password. */
  private static Map<String, String> headers() throws IOException {
    Path file = folder.resolve("headers");
    Files.writeString(file, "# of the proxy\nAuthorization: Basic " + SECRET + "\n");
    return Map.of("SLUICE_REST_HEADERS", file.toString());
  }

  private static void assertClean(LocalCluster cluster, JobSpec spec, String receipt)
      throws Exception {
    String savepoint =
        new ObjectMapper()
            .readTree(Path.of(receipt).toFile())
            .path("snapshot")
            .path("uri")
            .asText();
    SavedKeys keys = SavepointModels.keys(savepoint);
    new Ledger(cluster.bootstrapServers(), spec.topics(), spec.name())
        .below(SavepointModels.offsets(savepoint))
        .holding(keys.held())
        .read()
        .assertClean();
  }

  private static LocalCluster start() {
    return LocalCluster.startEmpty(
        DIRECTORY,
        OFFSET,
        1,
        4,
        Map.of(
            "SLUICE_FLINK_PROPERTIES",
            String.join("\n", settings("jobmanager", true)),
            "SLUICE_REST_PEM",
            certificates.pem("operator").toString()));
  }

  private static Path configuration(String name, String key, boolean shown) throws IOException {
    Path made = Files.createDirectories(folder.resolve(name));
    Files.write(made.resolve("config.yaml"), settings(key, shown));
    return made;
  }

  private static List<String> settings(String key, boolean mutual) {
    return List.of(
        "security.ssl.rest.enabled: true",
        "security.ssl.rest.authentication-enabled: " + mutual,
        "security.ssl.rest.keystore: " + certificates.keyStore(key),
        "security.ssl.rest.keystore-password: " + Certificates.PASSWORD,
        "security.ssl.rest.key-password: " + Certificates.PASSWORD,
        "security.ssl.rest.keystore-type: PKCS12",
        "security.ssl.rest.truststore: " + certificates.trustStore(),
        "security.ssl.rest.truststore-password: " + Certificates.PASSWORD,
        "security.ssl.rest.truststore-type: PKCS12");
  }
}
