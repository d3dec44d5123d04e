package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.model.ModelState;
import dev.sluice.support.CannedBroker;
import dev.sluice.support.CannedLog;
import dev.sluice.support.WrittenSnapshot;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.savepoint.SavedModelFixtures;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Time;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proofs of which a late part can't be read: what was read before is in the receipt, as the next
 * stop compares with it.
 */
class SnapshotProofTest {

  private static final String FIRST = "0123456789abcdef0123456789abcdef";
  private static final String SECOND = "fedcba9876543210fedcba9876543210";
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
  private static final Duration SOON = Duration.ofSeconds(5);

  @TempDir Path folder;

  private final SavedModelFixtures given = new SavedModelFixtures();
  private final TreeMap<String, String> settings =
      new TreeMap<>(Map.of("sluice.sink.delivery-guarantee", "at-least-once"));

  private boolean spoiled;

  /** The position of the control commands is asked for after every file and model was read. */
  @Test
  void hashesAndTotalsReadBeforeAFailureAreKept() throws Exception {
    Receipt receipt = unproved(prove(FIRST, savepoint(FIRST, "no origin", 30, 10)));
    assertThat(receipt.problems())
        .singleElement()
        .asString()
        .startsWith("this could not be found out: ")
        .contains("the control commands");
    assertThat(Objects.requireNonNull(receipt.models()).updates()).isEqualTo(40);
    Receipt.Snapshot snapshot = Objects.requireNonNull(receipt.snapshot());
    assertThat(snapshot.files()).isNotEmpty().allMatch(file -> file.sha256().length() == 64);
    assertThat(snapshot.bytes()).isPositive();
  }

  @Test
  void theStopAfterAProofThatFailedLateFindsLostModels() throws Exception {
    Receipt first = unproved(prove(FIRST, savepoint(FIRST, "no origin", 30, 10)));
    ReceiptFile.write(
        receipt(FIRST),
        first.with(
            new Receipt.Resumption(
                NOON.plusSeconds(1), SECOND, 1, 0L, 0, Receipt.Resumption.State.RUNS)),
        ReceiptKeys.NONE);
    assertThat(unproved(prove(SECOND, savepoint(SECOND, null, 30))).problems())
        .anyMatch(
            problem ->
                problem.startsWith("outcomes learned have gone back from 40 at the stop before"));
  }

  @Test
  void soundnessJudgedBeforeAFailureIsKept() throws Exception {
    spoiled = true;
    assertThat(unproved(prove(FIRST, savepoint(FIRST, "no origin", 30))).problems())
        .hasSize(2)
        .anyMatch(problem -> problem.contains("lossWeight is -1.0"));
  }

  /** The journal names a receipt that is no file anywhere, after others that can't be read. */
  @Test
  void warningsBeforeAFailureAreKept() throws Exception {
    Files.createDirectories(stops());
    Files.writeString(stops().resolve("receipt-other-00000000.json"), "{}");
    try (Journal journal = Journal.open(stops(), SECOND, SOON, Time.system())) {
      journal.write(entry(SECOND).over(Path.of("gone.json")));
    }
    Path entry = Journal.file(stops(), SECOND);
    Files.writeString(entry, Files.readString(entry).replace("gone.json", "\\u0000"));
    Receipt receipt = unproved(prove(FIRST, savepoint(FIRST, null, 30)));
    assertThat(receipt.problems()).singleElement().asString().contains("Nul character");
    assertThat(receipt.warnings())
        .anyMatch(
            warning ->
                warning.startsWith("an earlier receipt was passed over: ")
                    && warning.contains("receipt-other-00000000.json"));
    assertThat(Objects.requireNonNull(receipt.models()).updates()).isEqualTo(30);
  }

  /** Whether others are open is asked for after the savepoint's own. */
  @Test
  void fatesReadBeforeAFailureAreKept() throws Exception {
    try (CannedBroker broker =
        CannedBroker.start()
            .transaction("snapshot-0-3", 5, 1, "CompleteCommit")
            .transaction("snapshot-1-3", 6, 1, "CompleteAbort")
            .fail(ApiKeys.LIST_TRANSACTIONS, Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 1_000)) {
      for (String topic : List.of("p", "e", "d", "l", "g")) {
        broker.topic(topic, new CannedLog().committed(3));
      }
      settings.clear();
      settings.putAll(
          Map.of(
              "sluice.kafka.bootstrap-servers", broker.servers(),
              "sluice.sink.transactional-id-prefix", "snapshot",
              "sluice.topics.predictions", "p",
              "sluice.topics.evaluations", "e",
              "sluice.topics.deferred", "d",
              "sluice.topics.dead-letters", "l",
              "sluice.topics.control-log", "g"));
      String savepoint = GoldenSavepoint.copyTo(folder.resolve("golden")).toString();
      Receipt receipt = unproved(prove(FIRST, savepoint));
      assertThat(receipt.transactions())
          .extracting(Receipt.Transaction::fate)
          .containsExactly("committed", "aborted");
      assertThat(receipt.problems())
          .hasSize(2)
          .anyMatch(problem -> problem.startsWith("transaction snapshot-1-3 of the savepoint is"))
          .anyMatch(problem -> problem.startsWith("this could not be found out: "));
    }
  }

  /** Settings that make no sense are named, and hide nothing of the savepoint. */
  @Test
  void aBadSettingIsNamedInTheReceipt() throws Exception {
    settings.put("sluice.sink.delivery-guarantee", "sometimes");
    Receipt receipt = unproved(prove(FIRST, savepoint(FIRST, null, 30)));
    assertThat(receipt.problems())
        .singleElement()
        .asString()
        .contains("sluice.sink.delivery-guarantee", "sometimes");
    assertThat(receipt.models()).isNotNull();
  }

  private String savepoint(String job, @Nullable String position, int... outcomes)
      throws Exception {
    WrittenSnapshot.Meaning meaning = given.meaning();
    try (WrittenSnapshot written =
        new WrittenSnapshot(
            folder.resolve(job),
            new HashMapStateBackend(),
            false,
            new WrittenSnapshot.Meaning(
                meaning.description(), meaning.champion(), null, position))) {
      for (int i = 0; i < outcomes.length; i++) {
        ModelState model = given.learned(outcomes[i]);
        model.lossWeight = spoiled ? -1 : model.lossWeight;
        written.key("K" + i, model, Map.of());
      }
      return written.take(
          CheckpointProperties.forSyncSavepoint(false, false, SavepointFormatType.CANONICAL));
    }
  }

  private StopResult prove(String job, String savepoint) throws Exception {
    StopLog log = new StopLog(event -> {}, Clock.systemUTC());
    try (Journal journal = Journal.open(stops(), job, SOON, Time.system())) {
      return new StopProver(ToolServices.real(), policy(), log)
          .prove(journal, entry(job), savepoint, StopResult.Kind.PROVED);
    }
  }

  private static Receipt unproved(StopResult outcome) {
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.UNPROVED);
    return outcome.written().receipt();
  }

  private Path stops() {
    return folder.resolve("stops");
  }

  private Path receipt(String job) {
    return stops().resolve("receipt-flights-%s.json".formatted(job.substring(0, 8)));
  }

  private StopPolicy policy() {
    return new StopPolicy(
        "flights",
        List.of(URI.create("http://127.0.0.1:1")),
        null,
        false,
        false,
        SOON,
        OnTimeout.FAIL,
        SOON,
        null,
        stops(),
        Map.of(),
        null,
        List.of(),
        ReceiptKeys.NONE);
  }

  private Journal.Entry entry(String job) {
    Instant at = job.equals(FIRST) ? NOON : NOON.plusSeconds(3_600);
    return new Journal.Entry(
        1,
        new JobFacts(job, "flights", "2.2.1", "1", 2, settings, new TreeMap<>(), "", ""),
        job,
        at.toString(),
        null,
        false,
        false,
        null,
        null,
        null,
        0,
        null,
        null,
        null);
  }
}
