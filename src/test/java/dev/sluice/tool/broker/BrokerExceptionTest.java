package dev.sluice.tool.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedLog;
import dev.sluice.tool.cli.Silence;
import dev.sluice.tool.control.ControlRequest;
import dev.sluice.tool.control.ControlTopic;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is reported of brokers that refuse: of which topics, as whom, and under which code. */
class BrokerExceptionTest {

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  @TempDir Path folder;

  @Test
  void onlyTheTopicsThatWereRefusedAreNamed() {
    BrokerException refused =
        new BrokerException(
            "b:9092",
            "where [a, b, c] end",
            PATIENCE,
            new TopicAuthorizationException("no", Set.of("b")));
    assertThat(refused)
        .hasMessageContaining("the right to [b] (deploy/secured-kafka.md")
        .hasMessageEndingWith("[SLU-BROKERS]");
    assertThat(
            new BrokerException("b:9092", "where [a] end", PATIENCE, new TimeoutException("late")))
        .hasMessageContaining("no answer within 2.0 s")
        .message()
        .doesNotContain("SLU-");
  }

  @Test
  void aHandshakeThatFailsNamesItsCauseAndTheTrustStore() {
    Throwable path = new IllegalStateException("unable to find valid certification path");
    assertThat(
            new BrokerException(
                "b:9092",
                "where [a] end",
                PATIENCE,
                new SslAuthenticationException("SSL handshake failed", path)))
        .hasMessageContaining("SSL handshake failed: unable to find valid certification path")
        .hasMessageContaining("ssl.truststore.location");
  }

  @Test
  void aFileThatIsNotThereIsSaidToBeMissing() {
    Throwable thrown = new IOException("can't load", new NoSuchFileException("/x/trusted.p12"));
    assertThat(BrokerException.chain(thrown))
        .isEqualTo("can't load: there is no file /x/trusted.p12");
  }

  @Test
  void theBrokersTellWhichTopicIsRefused() throws Exception {
    try (CannedBroker broker =
            CannedBroker.start()
                .topic("a", new CannedLog().records(1))
                .fail(ApiKeys.LIST_OFFSETS, Errors.TOPIC_AUTHORIZATION_FAILED, 10);
        Brokers brokers = new Brokers(broker.client(), PATIENCE)) {
      assertThatThrownBy(() -> brokers.ends(List.of("a"))).hasMessageContaining("[SLU-BROKERS]");
    }
  }

  @Test
  void aTrustStoreThatCanNotBeReadIsNamed() throws Exception {
    Properties client = secured();
    client.put("ssl.truststore.location", folder.resolve("nowhere.p12").toString());
    client.put("ssl.truststore.password", "secret");
    assertThatThrownBy(() -> new Brokers(client, PATIENCE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("as user (stop)")
        .hasMessageContaining("nowhere.p12")
        .hasMessageContaining("[SLU-BROKERS]")
        .message()
        .doesNotContain("secret");
  }

  /** Kafka's own log of it is off. */
  @Test
  void aTrustStoreThatCanNotBeReadIsNamedByWhatReadsTopics() {
    Properties client = secured();
    client.put("ssl.truststore.location", folder.resolve("nowhere.p12").toString());
    client.put("ssl.truststore.password", "secret");
    assertThatThrownBy(() -> new CommittedTopic(client, "a").read(record -> {}))
        .hasMessageContaining("topic a at 127.0.0.1:1 can't be read")
        .hasMessageContaining("nowhere.p12")
        .hasMessageEndingWith("[SLU-BROKERS]")
        .message()
        .doesNotContain("secret");
  }

  @Test
  void aTrustStoreThatIsNoneTellsWhy() throws Exception {
    Properties client = secured();
    Path store = Files.writeString(folder.resolve("store.p12"), "no key store");
    client.put("ssl.truststore.location", store.toString());
    client.put("ssl.truststore.password", "secret");
    assertThatThrownBy(() -> new Brokers(client, PATIENCE))
        .hasMessageContaining(store.toString())
        .message()
        .doesNotContain("secret");
  }

  @Test
  void aTrustStoreThatItsPasswordDoesNotOpenIsNoMatterOfNames() throws Exception {
    Path store = folder.resolve("trusted.p12");
    KeyStore empty = KeyStore.getInstance("PKCS12");
    empty.load(null, null);
    try (OutputStream file = Files.newOutputStream(store)) {
      empty.store(file, "right".toCharArray());
    }
    Properties client = secured();
    client.put("ssl.truststore.location", store.toString());
    client.put("ssl.truststore.type", "PKCS12");
    client.put("ssl.truststore.password", "other-secret");
    assertThatThrownBy(() -> new Brokers(client, PATIENCE))
        .hasMessageContaining("check ssl.truststore.password")
        .message()
        .doesNotContain("servers' names", "other-secret");
  }

  @Test
  void whereALoginCameFromIsTold() {
    assertThat(
            new BrokerException(
                "b:9092 as user (stop)",
                "whether they are there",
                PATIENCE,
                new SaslAuthenticationException("invalid credentials")))
        .hasMessageContaining("check the client's credentials and security properties")
        .hasMessageContaining("in the file of --settings")
        .hasMessageContaining("SLUICE_KAFKA_PROPERTIES");
  }

  /** The name servers may answer in a moment: it is no mistake of a setting. */
  @Test
  void namesThatCanNotBeResolvedAreSilence() {
    Properties client = new Properties();
    client.put("bootstrap.servers", "nosuch.invalid:9092,nowhere.invalid:9092");
    try (Brokers brokers = new Brokers(client, PATIENCE)) {
      assertThatThrownBy(brokers::ping)
          .isInstanceOfSatisfying(
              BrokerException.class, failure -> assertThat(failure.isSilence()).isTrue())
          .hasMessageContaining("nosuch.invalid:9092")
          .hasMessageContaining("name servers")
          .message()
          .doesNotContain("SLU-BROKERS");
    }
  }

  @Test
  void unresolvedNamesCountAsNoAnswerForReadersAndCommands() {
    Properties client = new Properties();
    client.put("bootstrap.servers", "nosuch.invalid:9092,nowhere.invalid:9092");
    ControlTopic control = new ControlTopic(client, "control", "log");
    ControlRequest request = ControlRequest.reset("1", null);
    for (ThrowingCallable asks :
        List.<ThrowingCallable>of(
            () -> new CommittedTopic(client, "a").read(record -> {}),
            () -> control.send(request, PATIENCE))) {
      assertThatThrownBy(asks)
          .satisfies(thrown -> assertThat(Silence.isBehind(thrown)).as(thrown + "").isTrue())
          .hasMessageContaining("nosuch.invalid:9092")
          .hasMessageContaining("name servers")
          .message()
          .doesNotContain("SLU-BROKERS");
    }
  }

  @Test
  void aClientIsMadeAnewOnceANameIsResolved() throws Exception {
    AtomicInteger made = new AtomicInteger();
    Function<Properties, Admin> clients =
        properties -> {
          if (made.incrementAndGet() < 3) {
            throw new KafkaException(
                "Failed to create new KafkaAdminClient",
                new ConfigException("No resolvable bootstrap urls given in bootstrap.servers"));
          }
          return Admin.create(properties);
        };
    try (CannedBroker broker = CannedBroker.start();
        Brokers brokers = new Brokers(broker.client(), PATIENCE, clients)) {
      assertThatThrownBy(brokers::ping).isInstanceOf(BrokerException.class);
      brokers.ping();
      brokers.ping();
      assertThat(made).hasValue(3);
    }
  }

  @Test
  void aPieceOfAPasswordIsNotShown() {
    Properties client = secured();
    client.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"stop\" password=se cret;");
    assertThatThrownBy(() -> new Brokers(client, PATIENCE))
        .hasMessageContaining("sasl.jaas.config can't be parsed")
        .hasMessageContaining("as user (stop)")
        .satisfies(
            refused -> {
              StringWriter trace = new StringWriter();
              refused.printStackTrace(new PrintWriter(trace));
              assertThat(trace.toString()).doesNotContain("cret");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "password=\"x username=\" username=\"stop\"|stop",
        "username=\"stop\" password=\"a\\\" username=\\\"b\"|stop",
        "username=stop password=\"x\"|stop",
        "password=\"x username=\"|",
        "username=\"stop\" password='x username=y'|stop",
        "username='stop' password='x'|stop",
      })
  void theUserIsTheModulesOptionAndNoPieceOfAnother(String options, String user) {
    Properties client = secured();
    client.put("sasl.jaas.config", "some.Module required " + options + ";");
    client.put("ssl.truststore.location", folder.resolve("nowhere.p12").toString());
    assertThatThrownBy(() -> new Brokers(client, PATIENCE))
        .hasMessageContaining(user == null ? "127.0.0.1:1 can't" : " as user (" + user + ")")
        .message()
        .doesNotContain("username=", "as user ()");
  }

  @Test
  void howManyLoginModulesThereAreIsSaid() {
    Properties client = secured();
    String one = client.getProperty("sasl.jaas.config");
    client.put("sasl.jaas.config", one + " " + one);
    assertThatThrownBy(() -> new Brokers(client, PATIENCE))
        .hasMessageContaining("contains 2 login modules")
        .message()
        .doesNotContain("double quotes", "secret");
  }

  /** Kafka resolves names when it makes a client, and a name server may be silent for minutes. */
  @Test
  void aNameServerThatIsSilentHoldsNobodyUpForLonger() throws Exception {
    CountDownLatch answers = new CountDownLatch(1);
    Function<Properties, Admin> clients =
        properties -> {
          try {
            answers.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return Admin.create(properties);
        };
    try (CannedBroker broker = CannedBroker.start()) {
      Brokers brokers =
          CompletableFuture.supplyAsync(
                  () -> new Brokers(broker.client(), Duration.ofMillis(200), clients))
              .get(20, TimeUnit.SECONDS);
      assertThatThrownBy(brokers::ping)
          .isInstanceOfSatisfying(
              BrokerException.class, failure -> assertThat(failure.isSilence()).isTrue())
          .hasMessageContaining("the name servers, the login or a key store do not answer");
      answers.countDown();
      eventually(brokers);
      brokers.close();
      assertThatThrownBy(brokers::ping).as("it is closed").isInstanceOf(BrokerException.class);
    }
  }

  /** Each holds a thread, and a guard repeats a refused rehearsal for days. */
  @Test
  void clientsThatAreNeverMadeHoldFewThreads() throws Exception {
    CountDownLatch answers = new CountDownLatch(1);
    Function<Properties, Admin> clients =
        properties -> {
          try {
            answers.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          throw new KafkaException("never");
        };
    List<Brokers> all = new ArrayList<>();
    try (CannedBroker broker = CannedBroker.start()) {
      for (int i = 0; i < 12; i++) {
        all.add(new Brokers(broker.client(), Duration.ofMillis(20), clients));
      }
      assertThat(makers()).isLessThanOrEqualTo(8);
      assertThatThrownBy(() -> all.get(11).ping())
          .isInstanceOfSatisfying(
              BrokerException.class, failure -> assertThat(failure.isSilence()).isTrue())
          .hasMessageContaining("clients are still being made");
    } finally {
      answers.countDown();
      all.forEach(Brokers::close);
    }
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (makers() > 0) {
      assertThat(System.nanoTime()).as("the threads end").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private static long makers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("kafka-client-maker"))
        .count();
  }

  /** Within twenty seconds the same client is made, and answers. */
  private static void eventually(Brokers brokers) throws InterruptedException, IOException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (true) {
      try {
        brokers.ping();
        return;
      } catch (IOException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
      }
    }
  }

  private static Properties secured() {
    Properties client = new Properties();
    client.put("bootstrap.servers", "127.0.0.1:1");
    client.put("security.protocol", "SASL_SSL");
    client.put("sasl.mechanism", "SCRAM-SHA-512");
    client.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"stop\" password=\"secret\";");
    return client;
  }
}
