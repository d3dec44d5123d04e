package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.ledger.Partition;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.CannedLog;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The proof of a stop when the brokers are away, come back, and stay away. */
class FlakyBrokersTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final int ALWAYS = 1_000;

  @TempDir Path folder;

  private CannedBroker broker;
  private String published = "";
  private String cluster = CannedBroker.CLUSTER_ID;
  private Map<String, String> own = Map.of();
  private Path stops = Path.of("");
  private Path savepoint = Path.of("");

  /** The brokers as a proved stop leaves them: the savepoint's transactions are committed. */
  @BeforeEach
  void stopTheJobOfTheSavepoint() throws Exception {
    stops = folder.resolve("stops");
    savepoint = GoldenSavepoint.copyTo(folder.resolve("savepoint"));
    broker =
        CannedBroker.start()
            .transaction("snapshot-0-3", 5, 1, "CompleteCommit")
            .transaction("snapshot-1-3", 6, 1, "CompleteCommit");
    for (String topic : List.of("p", "e", "d", "l", "g")) {
      broker.topic(topic, new CannedLog().committed(3));
    }
  }

  @AfterEach
  void endTheBroker() throws Exception {
    broker.close();
  }

  @Test
  void brokersThatAnswerProveTheStop() throws Exception {
    StopResult outcome = prove(SHORT);
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    Receipt receipt = outcome.written().receipt();
    assertThat(receipt.transactions()).hasSize(2);
    assertThat(receipt.warnings()).noneMatch(warning -> warning.contains("the brokers asked"));
  }

  /** They were asked in place of the job's, and nobody can tell from here whose they are. */
  @Test
  void brokersThatTheJobDoesNotNameAreNamedInTheReceipt() throws Exception {
    published = "inside:9092";
    cluster = "";
    own = Map.of("sluice.kafka.bootstrap-servers", broker.servers());
    StopResult outcome = prove(SHORT);
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(outcome.written().receipt().warnings())
        .filteredOn(warning -> warning.contains("the brokers asked"))
        .singleElement()
        .asString()
        .contains("(" + broker.servers() + ")", "the job names (inside:9092)");
  }

  @Test
  void brokersThatAreBackInTimeProveTheStop() throws Exception {
    broker.fail(ApiKeys.LIST_TRANSACTIONS, Errors.COORDINATOR_NOT_AVAILABLE, 3);
    StopResult outcome = prove(LONG);
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
  }

  @Test
  void brokersThatStayAwayDoNot() throws Exception {
    broker.fail(ApiKeys.LIST_TRANSACTIONS, Errors.COORDINATOR_NOT_AVAILABLE, ALWAYS);
    assertThat(unproved(prove(SHORT)).problems())
        .singleElement()
        .asString()
        .startsWith("this could not be found out: the brokers at " + broker.servers());
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS)
  void rightsThatAreMissingAreNotWaitedFor() throws Exception {
    broker.fail(ApiKeys.LIST_TRANSACTIONS, Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, ALWAYS);
    assertThat(unproved(prove(LONG)).problems())
        .singleElement()
        .asString()
        .contains("give this client's user the operation Describe on the transactional ids");
    assertThat(broker.asked()).filteredOn(one -> one.startsWith("LIST_TRANSACTIONS")).hasSize(1);
  }

  /** A broker's list leaves out what the user may not describe, and does not say so. */
  @Test
  void aListThatHidesTransactionsIsNotTakenForAnEmptyOne() throws Exception {
    Files.delete(savepoint.resolve("_metadata")); // so that none is asked for by its name
    broker.hideTransactions();
    assertThat(unproved(prove(LONG)).problems())
        .hasSize(2)
        .anySatisfy(
            problem ->
                assertThat(problem)
                    .startsWith("this could not be found out: the brokers at ")
                    .contains("which transactions of prefix (snapshot) are open", "Describe"));
  }

  @Test
  void aTransactionThatHasJustEndedIsNotHeldAgainstTheStop() throws Exception {
    Partition grown = new Partition("p", 0);
    assertThat(CommitCheck.behind(ends(grown, 10), ends(grown, 12)))
        .as("written to since")
        .isEmpty();
    assertThat(CommitCheck.behind(ends(grown, 10), ends(grown, 10))).isEmpty();
    assertThat(CommitCheck.behind(ends(grown, 10), ends(grown, 9))).containsExactly(grown);
    assertThat(CommitCheck.behind(ends(grown, 10), new TreeMap<>())).containsExactly(grown);
  }

  @Test
  void theBrokersAreAskedThoughTheSavepointCannotBeRead() throws Exception {
    broker.transaction("snapshot-0-4", 5, 2, "Ongoing");
    Files.delete(savepoint.resolve("_metadata"));
    assertThat(unproved(prove(SHORT)).problems())
        .hasSize(2)
        .anySatisfy(problem -> assertThat(problem).contains("holds no _metadata"))
        .anySatisfy(problem -> assertThat(problem).contains("snapshot-0-4", "is Ongoing"));
  }

  @Test
  void theSameStopProvesAgainWhatWasNotProved() throws Exception {
    Path file = leaveUnproved();
    try (CannedFlink flink =
        CannedFlink.start()
            .tell(
                "/jobs/overview",
                "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"flights\",\"state\":\"FINISHED\",\"start-time\":0}]}"
                    .formatted(ID))
            .tell("/jobs/" + ID + "/status", "{\"status\":\"FINISHED\"}")) {
      StopResult outcome =
          GracefulStop.start(ToolServices.real(), policy(flink.addresses(), SHORT), event -> {})
              .join();
      assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
      assertProved(file);
    }
  }

  /** A resume wrote down that it was about to ask for a job, in the receipt and next to it. */
  @Test
  void theSameStopProvesAgainThoughAResumeWasAboutToAsk() throws Exception {
    Path file = leaveUnproved();
    String asked = "a".repeat(32);
    Receipt receipt =
        ReceiptFile.read(file)
            .with(new Receipt.Resumption(NOON, asked, 2, 0L, 0, Receipt.Resumption.State.ASKED));
    ReceiptFile.write(file, receipt, ReceiptKeys.NONE);
    ReceiptFile.write(savepoint.resolve(ReceiptFile.COPY_NAME), receipt, ReceiptKeys.NONE);
    try (CannedFlink flink =
        CannedFlink.start()
            .tell(
                "/jobs/overview",
                "{\"jobs\":[{\"jid\":\"%s\",\"name\":\"flights\",\"state\":\"FINISHED\",\"start-time\":0}]}"
                    .formatted(ID))
            .tell("/jobs/" + ID + "/status", "{\"status\":\"FINISHED\"}")
            .tell("/jobs/" + asked + "/status", "{\"status\":\"FAILED\"}")) {
      StopPolicy policy = policy(flink.addresses(), SHORT);
      StopResult there = GracefulStop.start(ToolServices.real(), policy, event -> {}).join();
      assertThat(there.kind()).as(there.text()).isEqualTo(StopResult.Kind.UNPROVED);

      flink.forget("/jobs/" + asked + "/status");
      StopResult outcome = GracefulStop.start(ToolServices.real(), policy, event -> {}).join();
      assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
      assertProved(file);
    }
  }

  @Test
  void aReceiptAloneIsProvedAgain() throws Exception {
    Path file = leaveUnproved();
    Receipt receipt = ReceiptFile.read(file);
    assertThat(Reproof.isDue(receipt)).isTrue();
    StopResult outcome =
        Reproof.of(
            ToolServices.real(),
            file,
            receipt,
            StopWorld.NOWHERE,
            Map.of(),
            known(),
            SHORT,
            ReceiptKeys.NONE,
            event -> {});
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    assertProved(file);
    assertThat(Reproof.isDue(ReceiptFile.read(file))).isFalse();
  }

  @Test
  void aReceiptThatIsStillNotProvedStaysSo() throws Exception {
    Path file = leaveUnproved();
    broker.transaction("snapshot-1-3", 6, 1, "CompleteAbort");
    StopResult outcome =
        Reproof.of(
            ToolServices.real(),
            file,
            ReceiptFile.read(file),
            StopWorld.NOWHERE,
            Map.of(),
            known(),
            SHORT,
            ReceiptKeys.NONE,
            event -> {});
    assertThat(unproved(outcome).problems())
        .singleElement()
        .asString()
        .contains("transaction snapshot-1-3 of the savepoint is aborted");
    assertThat(ReceiptFile.read(file).outcome()).isEqualTo(StopResult.Kind.UNPROVED);
  }

  @Test
  void aReceiptWhoseJobWentOnIsNotProvedAgain() throws Exception {
    Receipt receipt = ReceiptFile.read(leaveUnproved());
    assertThat(
            Reproof.isDue(
                receipt.with(
                    new Receipt.Resumption(NOON, ID, 2, 0L, 0, Receipt.Resumption.State.RUNS))))
        .isFalse();
  }

  /** A stop with --drain whose savepoint another tool asked for is not what was asked for. */
  @Test
  void aSavepointThatShouldHaveBeenDrainedStaysUnproved() throws Exception {
    Path file = leaveUnproved();
    ObjectMapper json = new ObjectMapper();
    ObjectNode receipt = (ObjectNode) json.readTree(file.toFile());
    receipt.putNull("resume");
    json.writeValue(file.toFile(), receipt);
    StopResult outcome =
        Reproof.of(
            ToolServices.real(),
            file,
            ReceiptFile.read(file),
            StopWorld.NOWHERE,
            Map.of(),
            known(),
            SHORT,
            ReceiptKeys.NONE,
            event -> {});
    assertThat(unproved(outcome).problems())
        .singleElement()
        .asString()
        .contains("is not drained, as --drain would have it");
  }

  /** As after brokers that were away too long; then they are back. */
  private Path leaveUnproved() throws Exception {
    broker.fail(ApiKeys.LIST_TRANSACTIONS, Errors.COORDINATOR_NOT_AVAILABLE, ALWAYS);
    Path file = prove(SHORT).written().file();
    broker.heal();
    return file;
  }

  private static void assertProved(Path file) throws Exception {
    Receipt receipt = ReceiptFile.read(file);
    assertThat(receipt.outcome()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(receipt.problems()).isEmpty();
    assertThat(receipt.transactions()).hasSize(2);
    assertThat(receipt.steps())
        .as("each of them once, as it came out last")
        .extracting(Receipt.StepLine::step)
        .containsExactly("finished", "committed", "sane");
    assertThat(receipt.steps()).extracting(Receipt.StepLine::result).containsOnly("ok");
  }

  /** As of an operator whose journal has the stop. */
  private KnownPlaces known() {
    return new KnownPlaces(Map.of(), Map.of(), stops);
  }

  /**
   * A proof from brokers alone would take a job that another JobManager has recovered for ended.
   */
  @Test
  void aReceiptOfAJobWhoseEndFlinkDidNotTellIsNotProvedFromItself() throws Exception {
    Receipt receipt = ReceiptFile.read(leaveUnproved());
    assertThat(Reproof.isDue(receipt)).isTrue();
    List<Receipt.StepLine> untold =
        receipt.steps().stream().filter(line -> !line.step().equals("finished")).toList();
    assertThat(Reproof.isDue(with(receipt, untold))).isFalse();
  }

  private static Receipt with(Receipt receipt, List<Receipt.StepLine> steps) {
    return new Receipt(
        receipt.receiptVersion(),
        receipt.tool(),
        receipt.outcome(),
        receipt.startedAt(),
        receipt.endedAt(),
        receipt.job(),
        receipt.snapshot(),
        receipt.sourceOffsets(),
        receipt.transactions(),
        receipt.models(),
        steps,
        receipt.problems(),
        receipt.warnings(),
        receipt.resume(),
        receipt.resumptions(),
        false,
        List.of());
  }

  @Test
  void aReceiptDoesNotSendTheProofToUnknownBrokers() throws Exception {
    Path file = leaveUnproved();
    int asked = broker.asked().size();
    KnownPlaces none = new KnownPlaces(Map.of(), Map.of(), folder.resolve("nothing"));
    assertThatThrownBy(
            () ->
                Reproof.of(
                    ToolServices.real(),
                    file,
                    ReceiptFile.read(file),
                    StopWorld.NOWHERE,
                    Map.of(),
                    none,
                    SHORT,
                    ReceiptKeys.NONE,
                    event -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(broker.servers());
    assertThat(broker.asked()).hasSize(asked);
  }

  private static Receipt unproved(StopResult outcome) {
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.UNPROVED);
    return outcome.written().receipt();
  }

  private static SortedMap<Partition, Long> ends(Partition partition, long end) {
    return new TreeMap<>(Map.of(partition, end));
  }

  private StopResult prove(Duration patience) throws Exception {
    StopLog log = new StopLog(event -> {}, Clock.systemUTC());
    log.begin(Step.FINISHED, "waits for the job's end");
    log.ok("every task has finished");
    try (Journal journal = Journal.open(stops, ID, Duration.ofSeconds(5), Time.system())) {
      String uri = savepoint.toString();
      Journal.Entry entry = entry().saved(uri);
      return new StopProver(
              ToolServices.real(), policy(List.of(URI.create("http://127.0.0.1:1")), patience), log)
          .prove(journal, entry, uri, StopResult.Kind.PROVED);
    }
  }

  private StopPolicy policy(List<URI> rest, Duration patience) {
    return new StopPolicy(
        "flights",
        rest,
        null,
        false,
        false,
        Duration.ofSeconds(5),
        OnTimeout.FAIL,
        patience,
        null,
        stops,
        own,
        null,
        List.of(),
        ReceiptKeys.NONE);
  }

  private Journal.Entry entry() {
    return new Journal.Entry(
        Journal.Entry.VERSION,
        new JobFacts(
            ID,
            "flights",
            "2.2.1",
            "1",
            2,
            new TreeMap<>(
                Map.of(
                    "sluice.kafka.bootstrap-servers",
                        published.isEmpty() ? broker.servers() : published,
                    "sluice.sink.transactional-id-prefix", "snapshot",
                    "sluice.topics.predictions", "p",
                    "sluice.topics.evaluations", "e",
                    "sluice.topics.deferred", "d",
                    "sluice.topics.dead-letters", "l",
                    "sluice.topics.control-log", "g")),
            new TreeMap<>(),
            null,
            cluster),
        ID,
        NOON.toString(),
        null,
        false,
        false,
        null,
        null,
        Instant.EPOCH.toString(),
        0,
        false,
        null,
        null);
  }
}
