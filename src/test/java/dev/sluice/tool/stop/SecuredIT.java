package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.Certificates;
import dev.sluice.support.Eventually;
import dev.sluice.support.cluster.CommandResult;
import dev.sluice.support.cluster.JobSpec;
import dev.sluice.support.cluster.JobTopics;
import dev.sluice.support.cluster.JobUnderTest;
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
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker with SASL_SSL, SCRAM and an authorizer; job and tool with the rights that {@code
 * deploy/secured-kafka.md} lists, and no more.
 */
@Tag("operations")
class SecuredIT {

  private static final int OFFSET = LocalCluster.firstTestOffset() + 400;
  private static final String SECURED = "127.0.0.1:" + (9094 + OFFSET);
  private static final String NAME = "sluice";
  private static final Path DIRECTORY = Path.of("target", "it-secured").toAbsolutePath();
  private static final Path PAGE = Path.of("deploy", "secured-kafka.md");
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final List<String> TOOLS =
      List.of("stop", "resume", "audit", "control", "replay", "transactions");

  private static final Pattern ROW =
      Pattern.compile(
          "(?m)^\\| (\\w+) \\| (topic|group|transactional-id) \\| `([^`]+)`( prefixed)? \\| ([\\w, ]+) \\|");

  /** As the cluster makes them. */
  private static final JobTopics TOPICS =
      new JobTopics(
          "sluice.events",
          "sluice.predictions",
          "sluice.evaluations",
          "sluice.deferred",
          "sluice.dead-letters",
          "sluice.control",
          "sluice.control-log");

  @TempDir private static Path folder;

  private static Certificates certificates;
  private static List<AclBinding> rights = List.of();

  @BeforeAll
  static void makeCertificates() throws Exception {
    certificates = Certificates.in(folder.resolve("stores"), "broker");
    rights = rights();
  }

  @Test
  void everyCommandRunsWithItsRightsAndSaysWhichOneIsMissing() throws Exception {
    try (LocalCluster cluster = start();
        Admin admin = Admin.create(cluster.kafkaClient())) {
      makeUsers(admin);
      giveTheJobItsUser();
      JobSpec spec =
          JobSpec.small(NAME, TOPICS)
              .set("sluice.kafka.bootstrap-servers", SECURED)
              .set("sluice.sink.transaction-timeout", "10 min");
      assertThat(new JobUnderTest(cluster, spec).refusedAtStart(1))
          .contains("may not describe the topics [sluice.control, sluice.control-log,");
      admin.createAcls(rights).all().get();
      assertEachRightOfTheJobOnATopicIsNeeded(cluster, admin, spec);
      assertAnotherProtocolIsTold(cluster, spec);
      try (TrafficRun traffic = TrafficRun.into(spec, cluster.bootstrapServers(), 81, 200)) {
        JobUnderTest job = new JobUnderTest(cluster, spec);
        job.run(2);
        job.awaitCheckpoints(2);
        assertEachRightOfAStopIsNeeded(cluster, admin, job);
        assertAWrongPasswordIsTold(cluster);
        assertDeferredAndReplayed(cluster);

        String receipt = stop(cluster);
        tool(cluster, "stop", "verify", uri(receipt)).requireSuccess();
        tool(cluster, "audit", "audit", "--receipt", receipt).requireSuccess();
        tool(cluster, "resume", "resume", receipt, "--parallelism", "1").requireSuccess();

        traffic.stop();
        JobUnderTest.running(cluster, spec, running(cluster)).awaitNoLagReported();
        assertClean(cluster, spec, stop(cluster));
      }
      assertTheRightToAbortIsNeeded(cluster, admin);
      assertNoSecretIsWrittenDown();
    }
  }

  /** With Describe in place of Write the user sees what is open, and can't end it. */
  private static void assertTheRightToAbortIsNeeded(LocalCluster cluster, Admin admin)
      throws Exception {
    AclBinding write =
        rights.stream()
            .filter(one -> one.entry().principal().equals("User:transactions"))
            .filter(one -> one.entry().operation() == AclOperation.WRITE)
            .findFirst()
            .orElseThrow();
    AclBinding describe =
        new AclBinding(
            write.pattern(),
            new AccessControlEntry(
                "User:transactions", "*", AclOperation.DESCRIBE, AclPermissionType.ALLOW));
    Properties client = cluster.kafkaClient();
    client.put("transactional.id", "sluice-77-1");
    ByteArraySerializer bytes = new ByteArraySerializer();
    try (KafkaProducer<byte[], byte[]> orphan = new KafkaProducer<>(client, bytes, bytes)) {
      orphan.initTransactions();
      orphan.beginTransaction();
      orphan.send(new ProducerRecord<>("sluice.predictions", new byte[1])).get();

      admin.createAcls(List.of(describe)).all().get();
      admin.deleteAcls(List.of(write.toFilter())).all().get();
      Eventually.until("an abort is refused without Write", LIMIT, () -> abort(cluster) == 1);
      assertThat(listed(cluster)).contains("sluice-77-1");
      admin.createAcls(List.of(write)).all().get();
      Eventually.until("an abort with Write", LIMIT, () -> abort(cluster) == 0);
      assertThat(listed(cluster)).doesNotContain("sluice-77-1");
      assertThatThrownBy(orphan::commitTransaction).isInstanceOf(KafkaException.class);
    }
  }

  private static int abort(LocalCluster cluster) {
    return tool(
            cluster,
            "transactions",
            "transactions",
            "abort",
            "--id",
            "sluice-77-1",
            "--yes",
            "--watch",
            "4s")
        .exitCode();
  }

  private static String listed(LocalCluster cluster) {
    return tool(cluster, "transactions", "transactions", "list").requireSuccess().stdout();
  }

  /** At the start, and before anything is submitted. */
  private static void assertEachRightOfTheJobOnATopicIsNeeded(
      LocalCluster cluster, Admin admin, JobSpec spec) throws Exception {
    List<AclBinding> some =
        rights.stream()
            .filter(one -> one.entry().principal().equals("User:job"))
            .filter(
                one -> List.of("sluice.deferred", "sluice.events").contains(one.pattern().name()))
            .toList();
    assertThat(some).hasSize(3);
    for (AclBinding one : some) {
      String topic = one.pattern().name();
      String reported =
          topic.equals("sluice.events") // without its only right it may not even be described
              ? "may not describe the topics [%s]".formatted(topic)
              : "--operation %s --topic %s'"
                  .formatted(
                      one.entry().operation() == AclOperation.READ ? "Read" : "Write", topic);
      admin.deleteAcls(List.of(one.toFilter())).all().get();
      assertThat(new JobUnderTest(cluster, spec).refusedAtStart(1)).as(one + "").contains(reported);
      admin.createAcls(List.of(one)).all().get();
    }
  }

  /** Of the real broker, whose answers in the wrong protocol end Kafka's own client. */
  private static void assertAnotherProtocolIsTold(LocalCluster cluster, JobSpec spec)
      throws IOException {
    Path settings = DIRECTORY.resolve("conf/sluice.yaml");
    String secured = Files.readString(settings);
    String plain = "127.0.0.1:" + (9092 + OFFSET);
    Files.writeString(settings, "sluice.kafka.bootstrap-servers: %s\n".formatted(SECURED));
    assertThat(new JobUnderTest(cluster, spec).refusedAtStart(1))
        .contains(SECURED + " speaks TLS, and sluice.kafka.properties.security.protocol is")
        .doesNotContain("OutOfMemoryError");
    CommandResult score = cluster.sluice("score");
    assertThat(score.exitCode()).as(score.toString()).isOne();
    assertThat(score.stderr())
        .contains(SECURED + " speaks TLS, and security.protocol is (PLAINTEXT)", "[SLU-BROKERS]");
    Files.writeString(settings, secured);

    assertThat(
            new JobUnderTest(cluster, spec.set("sluice.kafka.bootstrap-servers", plain))
                .refusedAtStart(1))
        .contains(plain + " does not speak TLS, and sluice.kafka.properties.security.protocol is");
    CommandResult letters = tool(cluster, "audit", "dead-letters", "--bootstrap-servers", plain);
    assertThat(letters.exitCode()).as(letters.toString()).isOne();
    assertThat(letters.stderr())
        .contains(plain + " does not speak TLS, and security.protocol is (SASL_SSL)");
  }

  private static void assertAWrongPasswordIsTold(LocalCluster cluster) throws IOException {
    Path wrong = folder.resolve("wrong.yaml");
    Files.writeString(wrong, client("stop", "not-the-password"));
    CommandResult stop = cluster.sluice("stop", NAME, "--dry-run", "--settings", wrong.toString());
    assertThat(stop.exitCode()).as(stop.toString()).isEqualTo(1);
    assertThat(stop.stdout() + stop.stderr())
        .contains("check the client's credentials")
        .doesNotContain("not-the-password");
  }

  private static void assertDeferredAndReplayed(LocalCluster cluster) throws Exception {
    tool(cluster, "control", "control", "pause", "--part", "scoring").requireSuccess();
    tool(cluster, "control", "control", "resume").requireSuccess();
    JsonNode replayed =
        tool(cluster, "replay", "replay", "--events", "sluice.events", "-o", "json")
            .requireSuccess()
            .json();
    assertThat(replayed.path("replayed").asLong()).as(replayed.toString()).isPositive();
  }

  /** Before the job is touched; and no list of transactions that hides them is taken for empty. */
  private static void assertEachRightOfAStopIsNeeded(
      LocalCluster cluster, Admin admin, JobUnderTest job) throws Exception {
    for (AclBinding one : rights) {
      if (one.entry().principal().equals("User:stop")) {
        admin.deleteAcls(List.of(one.toFilter())).all().get();
        Eventually.until(
            "a stop is refused without " + one, LIMIT, () -> isRefused(dryRun(cluster), one));
        admin.createAcls(List.of(one)).all().get();
        Eventually.until("a stop with " + one, LIMIT, () -> dryRun(cluster).exitCode() == 0);
      }
    }
    assertThat(job.state()).isEqualTo("RUNNING");
  }

  private static CommandResult dryRun(LocalCluster cluster) {
    return tool(cluster, "stop", "stop", NAME, "--dry-run");
  }

  private static boolean isRefused(CommandResult stop, AclBinding missing) {
    String said = stop.stdout() + stop.stderr();
    return stop.exitCode() == 1
        && said.contains("the stop could not be proved")
        && said.contains(
            missing.pattern().resourceType() == ResourceType.TOPIC
                ? missing.pattern().name()
                : "which transactions of prefix (sluice) are open");
  }

  /** As the page lists them. */
  private static List<AclBinding> rights() throws IOException {
    List<AclBinding> found = new ArrayList<>();
    Matcher rows = ROW.matcher(Files.readString(PAGE));
    while (rows.find()) {
      ResourcePattern pattern =
          new ResourcePattern(
              ResourceType.fromString(rows.group(2).replace('-', '_').toUpperCase(Locale.ROOT)),
              rows.group(3),
              rows.group(4) == null ? PatternType.LITERAL : PatternType.PREFIXED);
      for (String operation : rows.group(5).split(", ", -1)) {
        found.add(
            new AclBinding(
                pattern,
                new AccessControlEntry(
                    "User:" + rows.group(1),
                    "*",
                    AclOperation.fromString(operation.toUpperCase(Locale.ROOT)),
                    AclPermissionType.ALLOW)));
      }
    }
    assertThat(found).as("rights in " + PAGE).hasSizeGreaterThan(40);
    return found;
  }

  private static void makeUsers(Admin admin) throws Exception {
    List<String> users = new ArrayList<>(TOOLS);
    users.add("job");
    for (String user : users) {
      admin
          .alterUserScramCredentials(
              List.of(
                  new UserScramCredentialUpsertion(
                      user,
                      new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096),
                      password(user))))
          .all()
          .get();
    }
    for (String tool : TOOLS) {
      Files.writeString(settings(tool), client(tool, password(tool)));
    }
  }

  private static String password(String user) {
    return "secret-of-" + user;
  }

  private static Path settings(String tool) {
    return folder.resolve(tool + ".yaml");
  }

  /** In Flink's configuration directory, where `flink run` and the JobManager find it. */
  private static void giveTheJobItsUser() throws IOException {
    Files.writeString(
        DIRECTORY.resolve("conf/sluice.yaml"),
        "sluice.kafka.bootstrap-servers: %s\n%s"
            .formatted(SECURED, client("job", password("job"))));
  }

  private static String client(String user, String password) {
    return """
        sluice.kafka.properties:
          security.protocol: SASL_SSL
          sasl.mechanism: SCRAM-SHA-512
          sasl.jaas.config: org.apache.kafka.common.security.scram.ScramLoginModule required username="%s" password="%s";
          ssl.truststore.location: %s
          ssl.truststore.password: %s
          ssl.truststore.type: PKCS12
        """
        .formatted(user, password, certificates.trustStore(), Certificates.PASSWORD);
  }

  /** A command of the tool with a user's settings. */
  private static CommandResult tool(LocalCluster cluster, String user, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--settings", settings(user).toString()));
    if (List.of("control", "replay", "transactions").contains(user)) {
      all.addAll(List.of("--sluice.kafka.bootstrap-servers", SECURED));
    }
    return cluster.sluice(all.toArray(new String[0]));
  }

  /** The receipt's file. */
  private static String stop(LocalCluster cluster) {
    JsonNode reported = tool(cluster, "stop", "stop", NAME, "-o", "json").requireSuccess().json();
    assertThat(reported.path("receipt").path("outcome").asText()).isEqualTo("proved");
    return reported.path("receiptFile").asText();
  }

  private static String uri(String receipt) throws IOException {
    Matcher uri =
        Pattern.compile("\"uri\" *: *\"([^\"]+)\"").matcher(Files.readString(Path.of(receipt)));
    assertThat(uri.find()).isTrue();
    return uri.group(1);
  }

  private static String running(LocalCluster cluster) {
    return cluster.sluice("status", NAME, "-o", "json").requireSuccess().json().path("id").asText();
  }

  private static void assertClean(LocalCluster cluster, JobSpec spec, String receipt)
      throws Exception {
    String savepoint = uri(receipt);
    SavedKeys keys = SavepointModels.keys(savepoint);
    new Ledger(cluster.bootstrapServers(), TOPICS, spec.name())
        .below(SavepointModels.offsets(savepoint))
        .holding(keys.held())
        .read()
        .assertClean();
  }

  private static void assertNoSecretIsWrittenDown() throws IOException {
    try (Stream<Path> files = Files.walk(DIRECTORY.resolve("stops"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(file)).as(file.toString()).doesNotContain("secret-of-");
      }
    }
    for (String log : List.of("jobmanager.log", "taskmanager-1.log", "flink-cli.log")) {
      assertThat(Files.readString(DIRECTORY.resolve("logs").resolve(log)))
          .as(log)
          .doesNotContain("secret-of-");
    }
  }

  private static LocalCluster start() {
    String plain = "PLAINTEXT://127.0.0.1:" + (9092 + OFFSET);
    List<String> broker =
        List.of(
            "listeners=%s,CONTROLLER://127.0.0.1:%s,SECURED://%s"
                .formatted(plain, 9093 + OFFSET, SECURED),
            "advertised.listeners=%s,SECURED://%s".formatted(plain, SECURED),
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL",
            "listener.name.secured.sasl.enabled.mechanisms=SCRAM-SHA-512",
            "listener.name.secured.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
            "listener.name.secured.ssl.keystore.type=PKCS12",
            "listener.name.secured.ssl.keystore.location=" + certificates.keyStore("broker"),
            "listener.name.secured.ssl.keystore.password=" + Certificates.PASSWORD,
            "listener.name.secured.ssl.key.password=" + Certificates.PASSWORD,
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            // A client without a name: the broker itself, and this test.
            "super.users=User:ANONYMOUS");
    return LocalCluster.startEmpty(DIRECTORY, OFFSET, 1, 4, broker);
  }
}
