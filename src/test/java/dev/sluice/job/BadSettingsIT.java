package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.cluster.Command;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.FlinkRest;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
import dev.sluice.support.cluster.LocalCluster;
import dev.sluice.support.cluster.Topics;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that can't go well ends within seconds, says why and what to do, and submits nothing. */
class BadSettingsIT {

  private static final Duration LIMIT = Duration.ofSeconds(15);

  private final LocalCluster cluster = LocalCluster.shared();
  private final FlinkRest rest = new FlinkRest(cluster.rest().toString());
  private JobSpec good = JobSpec.named("bad-settings", JobTopics.named("bad-settings"));
  private @TempDir Path directory;

  @BeforeEach
  void createTopics() throws Exception {
    good.topics().create(cluster.bootstrapServers(), 1);
  }

  @Test
  void unknownKeyIsRefusedWithTheKnownOneThatIsMostLikeIt() throws Exception {
    assertRefused(
        good.set("sluice.outcome.time-out", "1 h"),
        "sluice.outcome.time-out",
        "1 h",
        "did you mean sluice.outcome.timeout");
  }

  @Test
  void badValueIsRefusedWithWhatIsAllowed() throws Exception {
    assertRefused(
        good.set("sluice.model.optimiser", "adam"),
        "sluice.model.optimiser",
        "adam",
        "sgd, sgd-momentum, adagrad");
  }

  @Test
  void kafkaPropertyThatNoTaskCouldUseIsRefused() throws Exception {
    assertRefused(
        good.set("sluice.kafka.properties.acks", "1"),
        "sluice.kafka.properties.acks",
        "(1)",
        "Must set acks to all");
    assertRefused(
        good.set("sluice.kafka.properties.delivery.timeout.ms", "1500"),
        "sluice.kafka.properties.delivery.timeout.ms",
        "(1500)",
        "should be equal to or larger than");
  }

  @Test
  void unreachableBrokerIsRefused() throws Exception {
    String nobody;
    try (ServerSocket free = new ServerSocket(0)) {
      nobody = "127.0.0.1:" + free.getLocalPort();
    }
    assertRefused(
        good.set("sluice.kafka.bootstrap-servers", nobody),
        "sluice.kafka.bootstrap-servers",
        nobody,
        "check that the brokers run there");
  }

  @Test
  void missingTopicIsRefused() throws Exception {
    assertRefused(
        good.set("sluice.topics.evaluations", "nowhere"),
        "sluice.topics",
        "[nowhere]",
        "create them");
  }

  @Test
  void controlTopicWithoutAnOrderIsRefused() throws Exception {
    Topics.create(cluster, Map.of("bad-settings.several", 2));
    assertRefused(
        good.set("sluice.topics.control", "bad-settings.several"),
        "sluice.topics.control",
        "2 partitions",
        "name a topic with one");
  }

  @Test
  void transactionTimeoutAboveTheBrokersMaximumIsRefused() throws Exception {
    assertRefused(
        good.set("sluice.sink.transaction-timeout", "3 d"),
        "sluice.sink.transaction-timeout",
        "259200000 ms",
        "lower the one or raise the other");
  }

  @Test
  void atLeastOnceCheckpointsAreRefused() throws Exception {
    assertRefused(
        good.flink("execution.checkpointing.mode", "AT_LEAST_ONCE"),
        "execution.checkpointing.mode",
        "AT_LEAST_ONCE",
        "set it to EXACTLY_ONCE");
  }

  @Test
  void compactedOutputIsRefused() throws Exception {
    createTopic("bad-settings.compacted", TopicConfig.CLEANUP_POLICY_CONFIG, "compact");
    assertRefused(
        good.set("sluice.topics.predictions", "bad-settings.compacted"),
        "cleanup.policy",
        "bad-settings.compacted",
        "set it to delete");
  }

  @Test
  void deadLetterTopicThatCanNotHoldEveryInputIsRefused() throws Exception {
    createTopic("bad-settings.small", TopicConfig.MAX_MESSAGE_BYTES_CONFIG, "1048576");
    assertRefused(
        good.set("sluice.topics.dead-letters", "bad-settings.small"),
        "max.message.bytes",
        "1048576 bytes",
        "raise max.message.bytes of (bad-settings.small)");
  }

  @Test
  void missingChampionIsRefused() throws Exception {
    Path missing = directory.resolve("missing.tribuo");
    assertRefused(
        good.set("sluice.champion.uri", missing.toUri().toString()),
        "sluice.champion.uri",
        "missing.tribuo",
        "make one with 'sluice train'");
  }

  @Test
  void fileThatIsNoChampionIsRefused() throws Exception {
    Path foreign = Files.writeString(directory.resolve("foreign.tribuo"), "no model", UTF_8);
    assertRefused(
        good.set("sluice.champion.uri", foreign.toUri().toString()),
        "sluice.champion.uri",
        "foreign.tribuo",
        "name a model made by 'sluice train'");
  }

  @Test
  void forgottenSettingsOfASavepointAreRefused() throws Exception {
    Path savepoint = Path.of("src/test/resources/golden/savepoint-flink-2.2").toAbsolutePath();
    List<String> from = List.of("-s", savepoint.toUri().toString());
    assertRefused(
        good,
        from,
        "sluice.features.width is (128)",
        "made with (16)",
        "in --settings FILE or one by one ('sluice resume RECEIPT' knows them)");
  }

  /** Another kafka-clients in front, as an old jar in Flink's lib/ would put it. */
  @Test
  void otherKafkaClientsAreRefused() throws Exception {
    Path foreign = Path.of("target", "foreign", "kafka-clients-4.3.1.jar").toAbsolutePath();
    assertThat(foreign).exists();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-cp",
            foreign + ":" + JobUnderTest.JAR + ":" + flinkJars(),
            SluiceJob.class.getName()));
    command.addAll(good.arguments(cluster.bootstrapServers()));
    assertRefused(
        inTime(() -> Command.run(command, Map.of(), LIMIT.multipliedBy(4))),
        "kafka-clients",
        "(4.3.1)",
        "must be 4.2.x");
  }

  private void createTopic(String name, String setting, String value) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()))) {
      if (!admin.listTopics().names().get().contains(name)) {
        NewTopic topic = new NewTopic(name, 1, (short) 1).configs(Map.of(setting, value));
        admin.createTopics(List.of(topic)).all().get();
      }
    }
  }

  private static String flinkJars() throws IOException {
    try (Stream<Path> dists = Files.list(Path.of("target", "dist"))) {
      return dists
          .filter(dist -> dist.getFileName().toString().startsWith("flink-"))
          .map(dist -> dist.resolve("lib") + "/*")
          .collect(Collectors.joining(":"));
    }
  }

  private void assertRefused(JobSpec spec, String setting, String value, String wayOut)
      throws Exception {
    assertRefused(spec, List.of(), setting, value, wayOut);
  }

  private void assertRefused(
      JobSpec spec, List<String> restore, String setting, String value, String wayOut)
      throws Exception {
    List<String> before = rest.jobs();
    List<String> command = new ArrayList<>(List.of("run", "-d"));
    command.addAll(spec.options(1, restore));
    command.add(JobUnderTest.JAR.toString());
    command.addAll(spec.arguments(cluster.bootstrapServers()));
    CommandResult result = inTime(() -> cluster.flink(command.toArray(new String[0])));
    assertRefused(result, setting, value, wayOut);
    assertThat(rest.jobs()).isEqualTo(before);
  }

  /** Runs a start that must end within {@link #LIMIT}. */
  private static CommandResult inTime(Supplier<CommandResult> start) {
    long began = System.nanoTime();
    CommandResult result = start.get();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(LIMIT);
    return result;
  }

  /** One line of the output names the setting, its value and the remedy. */
  private static void assertRefused(
      CommandResult result, String setting, String value, String wayOut) {
    assertThat(result.exitCode()).as(result.toString()).isNotZero();
    assertThat((result.stdout() + result.stderr()).lines())
        .as(result.toString())
        .anyMatch(line -> line.contains(setting) && line.contains(value) && line.contains(wayOut));
  }
}
