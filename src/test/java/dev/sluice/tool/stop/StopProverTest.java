package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptFolder;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.savepoint.GoldenSavepoint;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is proved of a real savepoint, of a job of which the brokers have nothing to report. */
class StopProverTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  @TempDir Path folder;

  private Path stops = Path.of("");
  private String savepoint = "";
  private @Nullable String restored;

  @BeforeEach
  void copySavepoint() throws Exception {
    stops = folder.resolve("stops");
    savepoint = GoldenSavepoint.copyTo(folder.resolve("savepoint")).toString();
  }

  @Test
  void aSavepointThatIsWholeIsProved() throws Exception {
    assertThat(prove().kind()).isEqualTo(StopResult.Kind.PROVED);
  }

  /** No broker was asked whether an answer is there twice. */
  @Test
  void ofAJobThatWritesAtLeastOnceTheAnswersAreNotProved() throws Exception {
    StopResult outcome = prove();
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.text())
        .contains(
            "the savepoint is whole", "Not proved: that no answer is missing, doubled or open")
        .doesNotContain("nothing is lost");
    JsonNode json = new ObjectMapper().readTree(ReceiptFile.bytes(outcome.written().receipt()));
    assertThat(json.path("outcome").asText()).isEqualTo("proved");
    assertThat(json.path("notProved").path(0).asText())
        .contains("no answer is missing, doubled or open", "at least once");
    assertThat(
            JsonSchemaFactory.getInstance(VersionFlag.V202012)
                .getSchema(ReceiptFile.schema())
                .validate(json))
        .isEmpty();
  }

  @Test
  void countersAsTheyWereAreProved() throws Exception {
    writeReceiptOfStopBefore(ID, 0, 0, 0);
    assertThat(prove().kind()).isEqualTo(StopResult.Kind.PROVED);
  }

  @ParameterizedTest
  @CsvSource({"1,0,0,predictions", "0,1,0,outcomes learned", "0,0,1,evaluations"})
  void aCounterBehindTheStopBeforeIsNotProved(
      long predictions, long updates, long evaluations, String named) throws Exception {
    writeReceiptOfStopBefore(ID, predictions, updates, evaluations);
    StopResult outcome = prove();
    assertThat(outcome.kind()).isEqualTo(StopResult.Kind.UNPROVED);
    assertThat(outcome.exitCode()).isEqualTo(5);
    assertThat(outcome.written().receipt().problems())
        .singleElement()
        .asString()
        .startsWith(named + " have gone back from ")
        .endsWith("models were lost");
    assertThat(outcome.text()).contains(named + " have gone back").contains(savepoint);
  }

  /** Deployments give every run the same id; the older receipt may have been written again. */
  @Test
  void ofTwoReceiptsThatTellOfTheJobTheLastResumptionCounts() throws Exception {
    writeReceiptOfStopBefore(ID, 0, 1, 0);
    Path newer = stops.resolve("receipt-flights-before00.json");
    Receipt last = ReceiptFile.read(newer);
    Files.delete(newer);
    writeReceiptOfStopBefore(ID, 0, 0, 0);
    Receipt older = ReceiptFile.read(newer);
    ReceiptFile.write(newer, resumedAt(last, NOON.minusSeconds(60)), ReceiptKeys.NONE);
    ReceiptFile.write(
        stops.resolve("receipt-flights-before99.json"),
        resumedAt(older, NOON.minusSeconds(999)),
        ReceiptKeys.NONE);
    assertThat(older.endedAt()).as("written last").isAfter(last.endedAt());
    assertThat(prove().kind()).isEqualTo(StopResult.Kind.UNPROVED);
  }

  private static Receipt resumedAt(Receipt receipt, Instant at) {
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
        receipt.steps(),
        receipt.problems(),
        receipt.warnings(),
        receipt.resume(),
        List.of(new Receipt.Resumption(at, ID, 2, 0L, 0, Receipt.Resumption.State.RUNS)),
        false,
        List.of());
  }

  @Test
  void aReceiptThatCannotBeReadIsPassedOverWithAWord() throws Exception {
    Files.createDirectories(stops);
    Files.writeString(stops.resolve("receipt-flights-aaaaaaaa.json"), "{\"receiptVersion\":99}");
    writeReceiptOfStopBefore(ID, 1, 0, 0);
    StopResult outcome = prove();
    assertThat(outcome.kind()).as("the other one counts").isEqualTo(StopResult.Kind.UNPROVED);
    assertThat(outcome.written().receipt().warnings())
        .anySatisfy(
            warning ->
                assertThat(warning).contains("passed over", "receipt-flights-aaaaaaaa.json"));
  }

  @Test
  void theReceiptOfAnotherJobIsNotComparedWith() throws Exception {
    writeReceiptOfStopBefore("f".repeat(32), 1, 1, 1);
    StopResult outcome = prove();
    assertThat(outcome.kind()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(outcome.written().receipt().warnings())
        .anySatisfy(warning -> assertThat(warning).contains("no counters were compared"));
  }

  @Test
  void aRunThatBeganFromASnapshotOfWhichNoReceiptTellsIsNotCompared() throws Exception {
    restored = "file:/by/flink/run";
    StopResult outcome = prove();
    assertThat(outcome.text()).contains("Not proved:", "that no models were lost since the stop");
    Receipt receipt = outcome.written().receipt();
    assertThat(receipt.notProved())
        .anyMatch(clause -> clause.contains("no counters were compared"));
    assertThat(receipt.warnings())
        .anySatisfy(warning -> assertThat(warning).contains(restored, stops.toString()));
  }

  /** Negative control: nothing was before it. */
  @Test
  void aRunThatBeganWithNothingHasNothingToBeComparedWith() throws Exception {
    restored = "";
    assertThat(prove().written().receipt().toString()).doesNotContain("compared");
  }

  /** The receipt of a stop from which a job was resumed, with counters this much further on. */
  private void writeReceiptOfStopBefore(
      String resumedJob, long predictions, long updates, long evaluations) throws Exception {
    ReceiptFolder.Kept proved = prove().written();
    Files.delete(proved.file()); // Which would stand, and be given again.
    Receipt now = proved.receipt();
    Receipt.Models models = Objects.requireNonNull(now.models());
    Receipt before =
        new Receipt(
            now.receiptVersion(),
            now.tool(),
            now.outcome(),
            now.startedAt(),
            now.endedAt(),
            now.job(),
            now.snapshot(),
            now.sourceOffsets(),
            now.transactions(),
            new Receipt.Models(
                models.keys(),
                models.bytes(),
                models.predictions() + predictions,
                models.updates() + updates,
                models.refusedUpdates(),
                models.evaluations() + evaluations,
                models.pendingObservations(),
                models.waitingOutcomes()),
            now.steps(),
            now.problems(),
            now.warnings(),
            now.resume(),
            List.of(
                new Receipt.Resumption(NOON, resumedJob, 2, 0L, 0, Receipt.Resumption.State.RUNS)),
            false,
            List.of());
    ReceiptFile.write(stops.resolve("receipt-flights-before00.json"), before, ReceiptKeys.NONE);
  }

  private StopResult prove() throws Exception {
    StopPolicy policy =
        new StopPolicy(
            "flights",
            List.of(URI.create("http://127.0.0.1:1")),
            null,
            false,
            false,
            Duration.ofSeconds(5),
            OnTimeout.FAIL,
            Duration.ofSeconds(5),
            null,
            stops,
            Map.of(),
            null,
            List.of(),
            ReceiptKeys.NONE);
    StopLog log = new StopLog(event -> {}, Clock.systemUTC());
    try (Journal journal = Journal.open(stops, ID, Duration.ofSeconds(5), Time.system())) {
      return new StopProver(ToolServices.real(), policy, log)
          .prove(journal, entry(), savepoint, StopResult.Kind.PROVED);
    }
  }

  private Journal.Entry entry() {
    return new Journal.Entry(
        1,
        new JobFacts(
            ID,
            "flights",
            "2.2.1",
            "1",
            2,
            new TreeMap<>(Map.of("sluice.sink.delivery-guarantee", "at-least-once")),
            new TreeMap<>(),
            restored,
            ""),
        ID,
        NOON.toString(),
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
