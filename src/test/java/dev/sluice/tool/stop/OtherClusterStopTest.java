package dev.sluice.tool.stop;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedLog;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.savepoint.ReadProgress;
import dev.sluice.tool.services.ToolServices;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stops at brokers that may be of another Kafka cluster than the job's: a copy of it, with the same
 * topics, and with transactions of the same names, all of them committed.
 */
@Timeout(60)
class OtherClusterStopTest {

  private static final String SERVERS = "sluice.kafka.bootstrap-servers";
  private static final String NOT_KNOWN = "that the brokers asked are of the job's Kafka cluster";

  /** What apache/kafka gives each cluster of a container without {@code CLUSTER_ID}. */
  private static final String OF_THE_IMAGE = "5L6g3nShT-eMCtK--X86sw";

  @TempDir Path folder;

  private StopWorld world;
  private CannedBroker production;
  private CannedBroker staging;

  @BeforeEach
  void runAJob() throws Exception {
    world = StopWorld.in(folder);
    world.goes(world.saved());
    production = brokers("production");
    staging = brokers("staging").transaction("snapshot-0-7", 7, 1, "Empty");
    publishes("production", production.servers());
  }

  @AfterEach
  void end() throws Exception {
    world.close();
    production.close();
    staging.close();
  }

  @Test
  void brokersOfAnotherClusterRefuseTheStop() throws Exception {
    production.openTransaction("snapshot-0-7", 7, 1, 1, "p", 0);
    world.own = Map.of(SERVERS, staging.servers());
    assertRefused();
  }

  @Test
  void theJobsAddressMayLeadToAnotherClusterFromHere() throws Exception {
    publishes("production", staging.servers());
    assertRefused();
  }

  private void assertRefused() throws Exception {
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
    assertThat(outcome.text())
        .startsWith("Refused, and nothing was touched")
        .contains("(staging)", "(production)", staging.servers(), "[SLU-BROKERS]");
    assertThat(world.triggers).as("stops that Flink was asked for").isEmpty();
  }

  @Test
  void anotherListenerOfTheSameClusterProvesTheStop() throws Exception {
    production.transaction("snapshot-0-7", 7, 1, "Empty");
    world.own = Map.of(SERVERS, production.servers().replace("127.0.0.1", "localhost"));
    Receipt receipt = proved();
    assertThat(receipt.job().kafkaClusterId()).isEqualTo("production");
    assertThat(receipt.notProved()).noneMatch(clause -> clause.startsWith(NOT_KNOWN));
    assertThat(receipt.warnings())
        .as("a copy may have the same id")
        .singleElement()
        .asString()
        .contains("names (", "a copy of a cluster has the same id");
  }

  @Test
  void brokersOfOneIdAtOtherAddressesMustKnowTheJobsIds() throws Exception {
    try (CannedBroker copy = brokers("production")) {
      world.own = Map.of(SERVERS, copy.servers());
      StopResult outcome = world.stop();
      assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.NOTHING_CHANGED);
      assertThat(outcome.text()).contains("know no transactional id (snapshot-0-7)");
      assertThat(world.triggers).as("stops that Flink was asked for").isEmpty();
    }
  }

  @Test
  void theIdThatEveryImageGivesProvesNoCluster() throws Exception {
    production.inCluster(OF_THE_IMAGE);
    publishes(OF_THE_IMAGE, production.servers());
    assertThat(proved().notProved())
        .anyMatch(clause -> clause.startsWith(NOT_KNOWN) && clause.contains(OF_THE_IMAGE));
  }

  @Test
  void theIdThatEveryImageGivesIsStillAnother() throws Exception {
    publishes(OF_THE_IMAGE, production.servers());
    StopResult outcome = world.stop();
    assertThat(outcome.text()).contains("(production)", OF_THE_IMAGE, "[SLU-BROKERS]");
  }

  @Test
  void anOlderJobsClusterIsNotProved() throws Exception {
    publishes(null, production.servers());
    Receipt receipt = proved();
    assertThat(receipt.notProved()).anyMatch(clause -> clause.startsWith(NOT_KNOWN));
    assertThat(receipt.job().kafkaClusterId()).isEmpty();
    assertThat(world.stop().text()).as("the same again").contains("stopped already");
  }

  @Test
  void anOlderJobsOtherBrokersAreNamedToo() throws Exception {
    publishes(null, production.servers());
    world.own = Map.of(SERVERS, staging.servers());
    StopResult outcome = world.stop();
    assertThat(outcome.text())
        .contains("at the brokers asked every transaction is committed", "Not proved: " + NOT_KNOWN)
        .doesNotContain("nothing is lost");
    assertThat(requireNonNull(outcome.receipt()).warnings())
        .singleElement()
        .asString()
        .contains("names (");
  }

  @Test
  void brokersThatReportNoIdProveNoCluster() throws Exception {
    production.inCluster("");
    assertThat(proved().notProved())
        .anyMatch(clause -> clause.startsWith(NOT_KNOWN + " (production)"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\\u001b[2J"})
  void aClusterIdThatIsNoneIsNotKnown(String published) throws Exception {
    publishes(published, production.servers());
    assertThat(proved().job().kafkaClusterId()).isEmpty();
  }

  @Test
  void brokersThatAreOthersSinceTheRequestFailTheProof() throws Exception {
    StopResult outcome = world.stop(event -> becomesStaging(event.step()));
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.UNPROVED);
    Receipt receipt = requireNonNull(outcome.receipt());
    assertThat(receipt.problems())
        .singleElement()
        .asString()
        .contains("(staging)", "(production)", "proves nothing");
    assertThat(receipt.transactions()).as("asked at brokers that are not the job's").isEmpty();

    production.inCluster("production");
    StopResult again = world.stop();
    assertThat(again.kind()).as(again.text()).isEqualTo(StopResult.Kind.PROVED);
  }

  private void becomesStaging(Step step) {
    if (step == Step.SAVEPOINT) {
      production.inCluster("staging");
    }
  }

  @Test
  void verifyFindsBrokersOfAnotherCluster() throws Exception {
    Path file = world.stop().written().file();
    Verification.Result same = verified(file, production);
    assertThat(same.problems()).isEmpty();
    assertThat(same.transactions()).hasSize(2);
    Verification.Result other = verified(file, staging);
    assertThat(other.isGood()).isFalse();
    assertThat(other.isUndecided()).isFalse();
    assertThat(other.problems()).singleElement().asString().contains("(staging)", "(production)");
    assertThat(other.transactions()).isEmpty();
  }

  @Test
  void verifySaysOfAnOlderReceiptWhatIsNotProved() throws Exception {
    publishes(null, production.servers());
    Path file = world.stop().written().file();
    Verification.Result found = verified(file, staging);
    assertThat(found.problems()).isEmpty();
    assertThat(found.warnings()).containsOnlyOnce(notes(found));
    assertThat(notes(found)).startsWith("not proved: " + NOT_KNOWN);
  }

  private static String notes(Verification.Result found) {
    return found.warnings().stream()
        .filter(note -> note.contains(NOT_KNOWN))
        .findFirst()
        .orElse("");
  }

  private Verification.Result verified(Path file, CannedBroker at) throws Exception {
    Map<String, String> own = Map.of(SERVERS, at.servers());
    return Verification.of(
        ToolServices.real(),
        world.savepoint,
        ReceiptFile.read(file, ReceiptKeys.NONE),
        ReceiptKeys.NONE,
        own,
        new KnownPlaces(own, Map.of(), world.stops),
        ReadProgress.NONE);
  }

  private Receipt proved() throws Exception {
    StopResult outcome = world.stop();
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    return outcome.written().receipt();
  }

  private static CannedBroker brokers(String cluster) throws Exception {
    CannedBroker broker =
        CannedBroker.start()
            .inCluster(cluster)
            .transaction("snapshot-0-3", 5, 1, "CompleteCommit")
            .transaction("snapshot-1-3", 6, 1, "CompleteCommit");
    for (String topic : List.of("p", "e", "d", "l", "g")) {
      broker.topic(topic, new CannedLog().committed(3));
    }
    return broker;
  }

  private void publishes(@Nullable String cluster, String servers) {
    world.flink.tell(
        StopWorld.JOB + "/config",
        """
        {"execution-config":{"user-config":{"sluice-version":"1","sluice.job.name":"flights",%s
          "sluice.kafka.bootstrap-servers":"%s",
          "sluice.sink.transactional-id-prefix":"snapshot",
          "sluice.topics.predictions":"p","sluice.topics.evaluations":"e",
          "sluice.topics.deferred":"d","sluice.topics.dead-letters":"l",
          "sluice.topics.control-log":"g"}}}
        """
            .formatted(
                cluster == null ? "" : "\"sluice-kafka-cluster-id\":\"%s\",".formatted(cluster),
                servers));
  }
}
