package dev.sluice.tool.lint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.settings.JobSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.client.cli.ClientOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.RestOptions;
import org.junit.jupiter.api.Test;

class DeploymentFileTest {

  private static final Place FILE = Place.of("file");

  @Test
  void theOperatorsDeploymentHoldsFlinksTheJobsAndTheGuardsNumbers() {
    assertThat(
            read(
                """
                apiVersion: flink.apache.org/v1beta1
                kind: FlinkDeployment
                metadata:
                  name: sluice
                spec:
                  flinkConfiguration:
                    execution.checkpointing.interval: "30 s"
                    client.timeout: 9 min
                  podTemplate:
                    spec:
                      terminationGracePeriodSeconds: 300
                  jobManager:
                    podTemplate:
                      spec:
                        containers:
                          - name: flink-main-container
                          - name: guard
                            command: ["sh", "-c", "exec sluice guard sluice --grace 3m"]
                  job:
                    args: ["--sluice.sink.transaction-timeout", "14 min"]
                """))
        .containsExactly(
            "execution.checkpointing.interval (30 s, file)",
            "execution.checkpointing.timeout (10 min by default, file)",
            "execution.checkpointing.tolerable-failed-checkpoints (0 by default, file)",
            "client.timeout (9 min, file)",
            "rest.async.store-duration (5 min by default, file)",
            "sluice.sink.transaction-timeout (14 min, file)",
            "--grace (3m, file: FlinkDeployment sluice)",
            "terminationGracePeriodSeconds (300, file: FlinkDeployment sluice)");
  }

  @Test
  void filesWithinAConfigMapAreReadAsWhatTheyAre() {
    assertThat(
            read(
                """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: conf}
                data:
                  log4j-console.properties: "rootLogger.level = INFO"
                  run.sh: "if [ -f x ]; then echo 'a: b: c'; fi"
                  sluice.yaml: |
                    sluice:
                      sink:
                        transaction-timeout: 11 min
                """))
        .containsExactly("sluice.sink.transaction-timeout (11 min, file: sluice.yaml)");
  }

  @Test
  void aFileWithinAConfigMapThatIsNotYamlIsNamed() {
    String text =
        "{apiVersion: v1, kind: ConfigMap, data: {config.yaml: 'a: [', other.yaml: 'a: 1'}}";
    assertThatThrownBy(() -> read(text))
        .hasMessageStartingWith("within its config.yaml: it is not YAML: ");
  }

  @Test
  void aPodWithoutANumberHasKubernetesDefault() {
    assertThat(
            read(
                """
                apiVersion: v1
                kind: List
                items:
                  - apiVersion: v1
                    kind: Pod
                    metadata: {name: watch}
                    spec:
                      containers: [{args: [guard, sluice]}]
                  - apiVersion: v1
                    kind: Pod
                    metadata: {name: other}
                    spec:
                      terminationGracePeriodSeconds: 1
                      containers: [{args: [serve]}]
                """))
        .containsExactly(
            "--grace (5m by default, file: Pod watch)",
            "terminationGracePeriodSeconds (30 by default, file: Pod watch)");
  }

  @Test
  void aUnitAndAServiceHaveTheirDefaults() {
    assertThat(read("[Service]\nExecStart=sluice guard sluice\n[Install]\nTimeoutStopSec=9\n"))
        .containsExactly(
            "--grace (5m by default, file: [Service])",
            "TimeoutStopSec (90s by default, file: [Service])");
    assertThat(read("services: {watch: {command: [guard, sluice]}}"))
        .containsExactly(
            "--grace (5m by default, file: watch)",
            "stop_grace_period (10s by default, file: watch)");
  }

  @Test
  void aServicesEnvironmentMayHoldFlinksConfigurationOrABrokers() {
    assertThat(
            read(
                """
                services:
                  jobmanager:
                    environment:
                      - |
                        FLINK_PROPERTIES=
                        execution.checkpointing.interval: 20 s
                        execution.checkpointing.timeout: 8 min
                        client.timeout: 8 min
                        rest.async.store-duration: 2 h
                  broker:
                    environment:
                      KAFKA_PROCESS_ROLES: broker,controller
                      KAFKA_TRANSACTION_MAX_TIMEOUT_MS: 1800000
                      KAFKA_LOG_RETENTION_HOURS: 48
                  tool:
                    environment: {KAFKA_OPTS: "-Xmx1g"}
                """))
        .containsExactly(
            "execution.checkpointing.interval (20 s, file: FLINK_PROPERTIES)",
            "execution.checkpointing.timeout (8 min, file: FLINK_PROPERTIES)",
            "execution.checkpointing.tolerable-failed-checkpoints (0 by default, file: FLINK_PROPERTIES)",
            "client.timeout (8 min, file: FLINK_PROPERTIES)",
            "rest.async.store-duration (2 h, file: FLINK_PROPERTIES)",
            "transaction.max.timeout.ms (1800000, file)",
            "log.retention.hours (48, file)");
  }

  @Test
  void aBrokerInStrimzisFormAndItsTopicsAreRead() {
    assertThat(
            read(
                """
                apiVersion: kafka.strimzi.io/v1beta2
                kind: Kafka
                metadata: {name: brokers}
                spec: {kafka: {config: {transaction.max.timeout.ms: 1200000}}}
                ---
                apiVersion: kafka.strimzi.io/v1beta2
                kind: KafkaTopic
                metadata: {name: sluice.predictions}
                spec: {config: {retention.ms: 86400000}}
                """))
        .containsExactly(
            "transaction.max.timeout.ms (1200000, file)",
            "retention.ms (86400000, file: KafkaTopic sluice.predictions)");
  }

  @Test
  void theFinestRetentionThatIsSetHolds() {
    assertThat(read("log.retention.hours=1\nlog.retention.ms=5000\nlog.retention.minutes=2\n"))
        .contains("log.retention.ms (5000, file)")
        .noneMatch(each -> each.contains("hours") || each.contains("minutes"));
    assertThat(read("node.id=1\nlog.retention.bytes=1000\n"))
        .containsExactly(
            "transaction.max.timeout.ms (900000 by default, file)",
            "log.retention.hours (168 by default, file)",
            "note: file: log.retention.bytes (1000) may delete records sooner than their time; how soon depends "
                + "on the load");
  }

  @Test
  void withoutTransactionsTheirTimeoutIsNoNumber() {
    assertThat(read("sluice.sink.delivery-guarantee: at-least-once"))
        .containsExactly(
            "note: file: sluice.sink.delivery-guarantee is at-least-once, so there are no transactions");
  }

  @Test
  void aDefaultHoldsOnlyWhereNoFileSaysOtherwise() {
    assertThat(read("sluice.job.name: x\n---\nsluice.sink.transaction-timeout: 7 min\n"))
        .containsExactly("sluice.sink.transaction-timeout (7 min, file)");
    assertThat(read("sluice.job.name: x\n"))
        .containsExactly("sluice.sink.transaction-timeout (15 min by default, file)");
  }

  @Test
  void theDefaultsAreThoseOfFlinkAndOfTheJob() {
    Map<Key, Duration> defaults =
        Map.of(
            Key.TIMEOUT, CheckpointingOptions.CHECKPOINTING_TIMEOUT.defaultValue(),
            Key.CLIENT, ClientOptions.CLIENT_TIMEOUT.defaultValue(),
            Key.STORE, RestOptions.ASYNC_OPERATION_STORE_DURATION.defaultValue(),
            Key.TRANSACTION, JobSettings.of(Map.of()).sink().transactionTimeout());
    assertThat(defaults)
        .allSatisfy(
            (key, value) ->
                assertThat(key.notation().parse(String.valueOf(key.standard())))
                    .as(key.text())
                    .isEqualTo(value));
    assertThat(CheckpointingOptions.CHECKPOINTING_INTERVAL.key()).isEqualTo(Key.INTERVAL.text());
    assertThat(ClientOptions.CLIENT_TIMEOUT.key()).isEqualTo(Key.CLIENT.text());
    assertThat(RestOptions.ASYNC_OPERATION_STORE_DURATION.key()).isEqualTo(Key.STORE.text());
  }

  /** What was read, and the notes. */
  private static List<String> read(String text) {
    Numbers numbers = new Numbers();
    new DeploymentFile(FILE, numbers).read(text);
    assertThat(numbers.unreadable()).isEmpty();
    List<String> lines = new ArrayList<>(numbers.read().stream().map(Reading::toString).toList());
    numbers.notes().forEach(note -> lines.add("note: " + note));
    return lines;
  }
}
