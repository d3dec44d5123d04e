package dev.sluice.job;

import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.settings.BrokersAwayException;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedLog;
import dev.sluice.support.Certificates;
import dev.sluice.support.TlsPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StartChecksTest {

  private static final String INTERVAL = "execution.checkpointing.interval";
  private static final String PAUSE = "execution.checkpointing.min-pause";
  private static final String TIMEOUT = "execution.checkpointing.timeout";
  private static final String TOLERATED = "execution.checkpointing.tolerable-failed-checkpoints";
  private static final String MODE = "execution.checkpointing.mode";

  /** An application, with a standby JobManager. */
  private static final Map<String, String> STANDBY =
      Map.of(
          "execution.target",
          "embedded",
          "$internal.pipeline.job-id",
          "00000000000000000000000000000001",
          "high-availability.type",
          "zookeeper");

  @Test
  void topicsThatTheUserMayNotSeeAreNamed() throws Exception {
    try (CannedBroker broker = CannedBroker.start().hideTopics()) {
      StartChecks checks =
          new StartChecks(
              JobSettings.of(Map.of("sluice.kafka.bootstrap-servers", broker.servers())));
      assertThatThrownBy(() -> checks.kafka(true))
          .isInstanceOf(SettingsException.class)
          .hasMessageContainingAll(
              "may not describe the topics [sluice.control, sluice.control-log,",
              "deploy/secured-kafka.md");
    }
  }

  /** The first record that is deferred would end each attempt of the job. */
  @Test
  void topicsThatTheUserMayNotReadOrWriteAreNamedWithTheRight() throws Exception {
    try (CannedBroker broker = brokerWithTopics()) {
      JobSettings settings =
          JobSettings.of(Map.of("sluice.kafka.bootstrap-servers", broker.servers()));
      for (String input : settings.topics().inputs()) {
        broker.allow(input, DESCRIBE, READ);
      }
      for (String output : settings.topics().outputs().values()) {
        broker.allow(output, DESCRIBE, READ, WRITE);
      }
      assertThatThrownBy(() -> new StartChecks(settings).kafka(true))
          .as("it comes beyond the rights")
          .hasMessageNotContaining("may not");

      broker.allow("sluice.events", DESCRIBE).allow("sluice.deferred", DESCRIBE, READ);
      broker.allow("sluice.predictions", DESCRIBE, WRITE);
      assertThatThrownBy(() -> new StartChecks(settings).kafka(true))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("may not read [sluice.events, sluice.predictions]")
          .hasMessageContaining("may not write to [sluice.deferred]")
          .hasMessageContaining(
              "'kafka-acls.sh --add --allow-principal User:… --operation Read --topic sluice.events --topic "
                  + "sluice.predictions'")
          .hasMessageContaining("--operation Write --topic sluice.deferred'")
          .hasMessageContaining("deploy/secured-kafka.md");
    }
  }

  @Test
  void withoutTheFenceTheOutputNeedsNoRightToRead() throws Exception {
    try (CannedBroker broker = brokerWithTopics()) {
      broker.allow("sluice.predictions", DESCRIBE, WRITE);
      JobSettings settings =
          JobSettings.of(
              Map.of(
                  "sluice.kafka.bootstrap-servers",
                  broker.servers(),
                  "sluice.restore-fence",
                  "off"));
      assertThatThrownBy(() -> new StartChecks(settings).kafka(true))
          .hasMessageNotContaining("may not");
    }
  }

  @Test
  void rightsThatTheBrokersDoNotTellAreNotMissed() throws Exception {
    try (CannedBroker broker = brokerWithTopics()) {
      JobSettings settings =
          JobSettings.of(Map.of("sluice.kafka.bootstrap-servers", broker.servers()));
      assertThatThrownBy(() -> new StartChecks(settings).kafka(true))
          .hasMessageNotContaining("may not");

      settings.topics().all().forEach(topic -> broker.allow(topic)); // some brokers: an empty list
      assertThatThrownBy(() -> new StartChecks(settings).kafka(true))
          .as("the topic was described, so this list is not complete")
          .hasMessageNotContaining("may not");
    }
  }

  /** All that the job needs; it reports no configuration, so that the checks end there. */
  private static CannedBroker brokerWithTopics() throws IOException {
    CannedBroker broker = CannedBroker.start();
    JobSettings.of(Map.of()).topics().all().forEach(topic -> broker.topic(topic, new CannedLog()));
    return broker;
  }

  /** An alert of TLS, read as a length, is 352 MB: Kafka's client asks for them and dies. */
  @Test
  void aTlsPortIsToldBeforeAPlaintextClientIsMade(@TempDir Path folder) throws Exception {
    try (TlsPort port = TlsPort.open(Certificates.in(folder, "broker").context("broker"))) {
      StartChecks checks =
          new StartChecks(
              JobSettings.of(Map.of("sluice.kafka.bootstrap-servers", port.address())),
              Duration.ofSeconds(2));
      assertThatThrownBy(
              () -> {
                checks.kafkaClients();
                checks.kafka(true);
              })
          .isInstanceOf(SettingsException.class)
          .isNotInstanceOf(BrokersAwayException.class)
          .hasMessageContaining(
              port.address() + " speaks TLS, and sluice.kafka.properties.security.protocol is")
          .hasMessageContaining("(PLAINTEXT)", "SASL_SSL");
    }
  }

  @Test
  void aPlaintextPortIsToldToATlsClientThatGotNoAnswer() throws Exception {
    try (CannedBroker broker = CannedBroker.start()) {
      StartChecks checks =
          new StartChecks(
              JobSettings.of(
                  Map.of(
                      "sluice.kafka.bootstrap-servers",
                      broker.servers(),
                      "sluice.kafka.properties.security.protocol",
                      "SSL")),
              Duration.ofSeconds(2));
      assertThatThrownBy(() -> checks.kafka(true))
          .isInstanceOf(SettingsException.class)
          .isNotInstanceOf(BrokersAwayException.class)
          .hasMessageContaining(
              broker.servers()
                  + " does not speak TLS, and sluice.kafka.properties.security.protocol is");
    }
  }

  @Test
  void exactlyOnceWithoutCheckpointsIsRefused() {
    assertThatThrownBy(() -> check(Map.of(), Map.of()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(INTERVAL)
        .hasMessageContaining("no answer would ever be committed");
    assertThatCode(() -> check(Map.of("sluice.sink.delivery-guarantee", "at-least-once"), Map.of()))
        .doesNotThrowAnyException();
  }

  @Test
  void aTransactionThatExpiresBeforeItsCheckpointIsRefused() {
    Map<String, String> minute = Map.of("sluice.sink.transaction-timeout", "1 min");
    // The margin is 6 s.
    assertThatThrownBy(() -> check(minute, Map.of(INTERVAL, "44 s", TIMEOUT, "10 s")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("sluice.sink.transaction-timeout = (60000 ms)")
        .hasMessageContaining("longer than 60000 ms")
        .hasMessageContaining("execution.checkpointing.interval (44000 ms");
    assertThatCode(() -> check(minute, Map.of(INTERVAL, "43 s", TIMEOUT, "10 s")))
        .doesNotThrowAnyException();
  }

  /** Flink's and our own former defaults: a checkpoint may complete after 41 minutes. */
  @Test
  void checkpointFailuresLongerThanATransactionAreRefused() {
    assertThatThrownBy(
            () ->
                check(
                    Map.of("sluice.sink.transaction-timeout", "15 min"),
                    Map.of(INTERVAL, "10 s", TIMEOUT, "10 min", TOLERATED, "3")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("longer than 2470000 ms")
        .hasMessageContaining("(1 + execution.checkpointing.tolerable-failed-checkpoints = 3)")
        .hasMessageContaining("execution.checkpointing.timeout (600000 ms)")
        .hasMessageContaining("transaction.max.timeout.ms");
  }

  @Test
  void aFailedCheckpointCostsTheIntervalIfThatIsLonger() {
    Map<String, String> quarter = Map.of("sluice.sink.transaction-timeout", "15 min");
    Map<String, String> flink = Map.of(INTERVAL, "5 min", TIMEOUT, "1 min");
    assertThatCode(() -> check(quarter, with(flink, TOLERATED, "1"))).doesNotThrowAnyException();
    assertThatThrownBy(() -> check(quarter, with(flink, TOLERATED, "2")))
        .hasMessageContaining("longer than 1020000 ms");
  }

  @Test
  void theLongerOneOfIntervalAndPauseCounts() {
    Map<String, String> quarter = Map.of("sluice.sink.transaction-timeout", "15 min");
    Map<String, String> flink = Map.of(INTERVAL, "10 s", TIMEOUT, "5 min", TOLERATED, "1");
    assertThatCode(() -> check(quarter, flink)).doesNotThrowAnyException();
    assertThatThrownBy(() -> check(quarter, with(flink, PAUSE, "4 min")))
        .hasMessageContaining("execution.checkpointing.min-pause, 240000 ms");
  }

  @Test
  void failedCheckpointsWithoutALimitAreRefused() {
    assertThatThrownBy(
            () ->
                check(
                    Map.of("sluice.sink.transaction-timeout", "15 min"),
                    Map.of(INTERVAL, "1 s", TIMEOUT, "1 s", TOLERATED, "2147483647")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(TOLERATED)
        .hasMessageContaining("no limit");
  }

  @Test
  void severalCheckpointsAtATimeAreRefused() {
    String most = "execution.checkpointing.max-concurrent-checkpoints";
    Map<String, String> flink = Map.of(INTERVAL, "10 s", TIMEOUT, "1 min");
    assertThatThrownBy(() -> check(Map.of(), with(flink, most, "2")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(most + " = (2) must be 1");
    assertThatCode(() -> check(Map.of(), with(flink, most, "1"))).doesNotThrowAnyException();
  }

  /** Flink's default deletes the result of a job that has ended; a standby starts it again. */
  @Test
  void aStandbyJobManagerMustKnowThatTheJobHasEnded() {
    Map<String, String> application = with(STANDBY, "high-availability.type", "kubernetes");
    assertThatThrownBy(() -> endedJobs(application))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("job-result-store.delete-on-commit = (true) must be false")
        .hasMessageContaining("high-availability.type = (kubernetes)")
        .hasMessageContaining("starts a stopped job again");
    assertThatCode(() -> endedJobs(with(application, "job-result-store.delete-on-commit", "false")))
        .doesNotThrowAnyException();
    assertThatCode(() -> endedJobs(with(application, "high-availability.type", "NONE")))
        .doesNotThrowAnyException();
    assertThatCode(() -> endedJobs(with(application, "execution.target", "remote")))
        .doesNotThrowAnyException();
  }

  private static void endedJobs(Map<String, String> flink) {
    StartChecks.endedJobs(Configuration.fromMap(flink), "2.2.1");
  }

  @Test
  void fromFlink23OnTheProgramsResultIsKeptToo() {
    Map<String, String> application = with(STANDBY, "job-result-store.delete-on-commit", "false");
    assertThatThrownBy(() -> StartChecks.endedJobs(Configuration.fromMap(application), "2.3.0"))
        .hasMessageStartingWith("application-result-store.delete-on-commit = (true) must be false");
    Map<String, String> kept =
        with(application, "application-result-store.delete-on-commit", "false");
    assertThatCode(() -> StartChecks.endedJobs(Configuration.fromMap(kept), "2.3.0"))
        .doesNotThrowAnyException();
  }

  @Test
  void theShippedConfigurationFits() {
    Configuration shipped = GlobalConfiguration.loadConfiguration("flink-conf");
    StartChecks checks = new StartChecks(JobSettings.of(Map.of()));
    assertThatCode(() -> checks.checkpointing(shipped)).doesNotThrowAnyException();
  }

  @Test
  void atLeastOnceCheckpointsAreRefusedUnderExactlyOnce() {
    Map<String, String> flink = Map.of(INTERVAL, "10 s", MODE, "AT_LEAST_ONCE");
    assertThatThrownBy(() -> check(Map.of(), flink))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("execution.checkpointing.mode = (AT_LEAST_ONCE)")
        .hasMessageContaining("would be learned twice")
        .hasMessageContaining("set it to EXACTLY_ONCE");
    assertThatCode(() -> check(Map.of(), Map.of(INTERVAL, "10 s", MODE, "EXACTLY_ONCE")))
        .doesNotThrowAnyException();
    assertThatCode(() -> check(Map.of("sluice.sink.delivery-guarantee", "at-least-once"), flink))
        .doesNotThrowAnyException();
  }

  @Test
  void onlyKafkaClients42AreTaken() {
    assertThatThrownBy(() -> StartChecks.kafkaClients("4.3.1"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("(4.3.1)");
    assertThatCode(() -> StartChecks.kafkaClients("4.2.1")).doesNotThrowAnyException();
  }

  /** No broker is asked: what is refused here is refused on every machine like this one. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          delivery.timeout.ms     | 1500             | should be equal to or larger than
          default.api.timeout.ms  | 5000             | must be no smaller than the value of request.timeout.ms
          metric.reporters        | no.Such          | no.Such
          security.protocol       | SASL_PLAINTEXT   | JAAS
          bootstrap.controllers   | 127.0.0.1:9093   | bootstrap.controllers
          """)
  void whatNoClientCanBeMadeWithIsRefused(String property, String value, String why) {
    String key = "sluice.kafka.properties." + property;
    StartChecks checks = new StartChecks(JobSettings.of(Map.of(key, value)));

    assertThatThrownBy(checks::kafkaClients)
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("sluice.kafka.properties.")
        .hasMessageContaining(why);
  }

  @Test
  void brokersWhoseNamesHaveNoAddressAreAway() {
    Map<String, String> nowhere = Map.of("sluice.kafka.bootstrap-servers", "no-host.invalid:9092");
    assertThatThrownBy(() -> new StartChecks(JobSettings.of(nowhere)).kafkaClients())
        .isInstanceOf(BrokersAwayException.class)
        .hasMessageStartingWith("sluice.kafka.bootstrap-servers: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
  void everyCodecOfKafkaIsOnTheClassPath(String codec) {
    Map<String, String> settings = Map.of("sluice.kafka.properties.compression.type", codec);
    assertThatCode(() -> new StartChecks(JobSettings.of(settings)).kafkaClients())
        .doesNotThrowAnyException();
  }

  @Test
  void aPropertyThatNoClientKnowsIsPassedOnWithAWarning() {
    Map<String, String> settings =
        Map.of(
            "sluice.kafka.properties.fetch.min.byte", "1",
            "sluice.kafka.properties.client.id.prefix", "flights",
            "sluice.kafka.properties.linger.ms", "5");
    assertThat(JobSettings.of(settings).clients().warnings())
        .singleElement(InstanceOfAssertFactories.STRING)
        .contains("sluice.kafka.properties.fetch.min.byte", "did you mean fetch.min.bytes?");
  }

  /** Values come from a file; no property that is not named in the settings comes with them. */
  @Test
  void aConfigProviderGivesValuesThatAreCheckedAndNoFurtherProperty(@TempDir Path directory)
      throws IOException {
    Path file = directory.resolve("kafka.properties");
    Files.writeString(file, "linger=5\nsoon=soon\ntransactional.id=stolen\n");
    assertThatCode(() -> JobSettings.of(provided(file, "linger"))).doesNotThrowAnyException();
    assertThatThrownBy(() -> JobSettings.of(provided(file, "soon")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("linger.ms");
    JobSettings settings = JobSettings.of(provided(file, "linger"));
    assertThat(new ProducerConfig(settings.clients().sinkProducer()).getString("transactional.id"))
        .isEqualTo("sluice-start-check");
  }

  private static Map<String, String> provided(Path file, String key) {
    return Map.of(
        "sluice.kafka.properties.config.providers", "file",
        "sluice.kafka.properties.config.providers.file.class",
            "org.apache.kafka.common.config.provider.FileConfigProvider",
        "sluice.kafka.properties.linger.ms", "${file:" + file + ":" + key + "}");
  }

  @Test
  void aTransactionTimeoutThatKafkaCanNotHoldIsNamed() {
    assertThatThrownBy(() -> JobSettings.of(Map.of("sluice.sink.transaction-timeout", "30 d")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("sluice.sink.transaction-timeout");
  }

  private static Map<String, String> with(Map<String, String> map, String key, String value) {
    Map<String, String> more = new HashMap<>(map);
    more.put(key, value);
    return more;
  }

  @Test
  void commandsThatRetentionHasDeletedAreTold() {
    assertThat(StartChecks.deletedCommands("sluice.control", 0)).isEmpty();
    assertThat(StartChecks.deletedCommands("sluice.control", 3))
        .hasValueSatisfying(
            warning ->
                assertThat(warning)
                    .contains("(sluice.control) begins at offset 3")
                    .contains("retention.ms"));
  }

  private static void check(Map<String, String> settings, Map<String, String> flink) {
    new StartChecks(JobSettings.of(settings)).checkpointing(Configuration.fromMap(flink));
  }
}
