package dev.sluice.tool.stop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import dev.sluice.support.WrittenSnapshot;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.savepoint.ReadProgress;
import dev.sluice.tool.savepoint.SavedModelFixtures;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A proof that was cut short, and one that can't read the models. */
class UnfinishedProofTest {

  private static final String ID = "0123456789abcdef0123456789abcdef";
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
  private static final String TEMPORARY = "java.io.tmpdir";
  private static final Receipt.Resumption RESUMPTION =
      new Receipt.Resumption(NOON.plusSeconds(60), ID, 2, 0L, 0, Receipt.Resumption.State.RUNS);

  /** So many that a native savepoint has tables of some 20 kB. */
  private static final int KEYS = 300;

  @TempDir Path folder;

  private final String temporaryBefore = System.getProperty(TEMPORARY);
  private final SavedModelFixtures given = new SavedModelFixtures();

  /** The receipt as it is when the reading of the savepoint begins. */
  private byte[] whileReading = {};

  private boolean resumedMeanwhile;

  @AfterEach
  void giveTheTemporaryDirectoryBack() {
    System.setProperty(TEMPORARY, temporaryBefore);
  }

  @ParameterizedTest
  @EnumSource(SavepointFormatType.class)
  void aToolKilledInTheProofLeavesAReceiptThatVerifyCompletes(SavepointFormatType format)
      throws Exception {
    String savepoint = write(format);
    StopResult proved = prove(savepoint, StopResult.Kind.PROVED);
    assertThat(proved.kind()).isEqualTo(StopResult.Kind.PROVED);

    Receipt left = ReceiptFile.parse(whileReading, "the receipt");
    assertThat(
            JsonSchemaFactory.getInstance(VersionFlag.V202012)
                .getSchema(ReceiptFile.schema())
                .validate(new ObjectMapper().readTree(whileReading)))
        .isEmpty();
    assertThat(left.unfinished()).isTrue();
    assertThat(left.outcome()).isEqualTo(StopResult.Kind.UNPROVED);
    assertThat(left.models()).isNull();
    assertThat(left.snapshot()).isNotNull();
    assertThat(left.problems())
        .singleElement()
        .asString()
        .contains("has not come to its end", "models have not been read yet", "sluice verify");
    assertThat(left.resume()).isNotNull();

    Path file = receipt();
    Files.write(file, whileReading); // As kill -9 leaves it.
    assertThat(Reproof.isDue(left)).isTrue();
    StopResult completed = reproof(file, left);
    assertThat(completed.kind()).isEqualTo(StopResult.Kind.PROVED);
    Receipt whole = ReceiptFile.read(file);
    assertThat(whole.outcome()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(whole.problems()).isEmpty();
    assertThat(requireNonNull(whole.models()).keys()).isEqualTo(KEYS);
  }

  @Test
  void aResumptionThatIsInTheFileStaysWhenTheProofEnds() throws Exception {
    resumedMeanwhile = true;
    String savepoint = write(SavepointFormatType.CANONICAL);
    StopResult proved = prove(savepoint, StopResult.Kind.PROVED);
    assertThat(proved.kind()).isEqualTo(StopResult.Kind.PROVED);
    Path sibling = Path.of(savepoint.replaceFirst("^file:", "")).resolve(ReceiptFile.COPY_NAME);
    for (Path each : List.of(receipt(), sibling)) {
      Receipt whole = ReceiptFile.read(each);
      assertThat(whole.outcome()).isEqualTo(StopResult.Kind.PROVED);
      assertThat(whole.unfinished()).isFalse();
      assertThat(whole.models()).isNotNull();
      assertThat(whole.resumptions()).as("%s", each).containsExactly(RESUMPTION);
    }
  }

  /** As with a --receipt that names the same file each time. */
  @Test
  void theResumptionsOfAnotherStopsReceiptAreNotTakenOver() throws Exception {
    String savepoint = write(SavepointFormatType.CANONICAL);
    prove(savepoint, StopResult.Kind.PROVED);
    Receipt first = ReceiptFile.read(receipt()).with(RESUMPTION);
    String other = new String(ReceiptFile.bytes(first), UTF_8).replace("12:00:00Z", "11:00:00Z");
    Files.writeString(receipt(), other);
    prove(savepoint, StopResult.Kind.PROVED);
    assertThat(ReceiptFile.read(receipt()).resumptions()).isEmpty();
  }

  @Test
  void aStopAfterOneWithoutCountersSaysThatNoneWereCompared() throws Exception {
    String savepoint = write(SavepointFormatType.CANONICAL);
    prove(savepoint, StopResult.Kind.PROVED);
    Path earlier = folder.resolve("stops").resolve("receipt-earlier.json");
    Files.move(receipt(), earlier);
    Receipt before = ReceiptFile.parse(whileReading, "the receipt").with(RESUMPTION);
    ReceiptFile.write(earlier, before, ReceiptKeys.NONE);

    StopResult next = prove(savepoint, StopResult.Kind.PROVED);
    assertThat(next.kind()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(next.written().receipt().warnings())
        .anySatisfy(
            warning ->
                assertThat(warning).contains("no counters were compared", earlier.toString()));
  }

  @Test
  void whereFlinkToldNothingOnlyTheStopCompletesIt() throws Exception {
    String savepoint = write(SavepointFormatType.CANONICAL);
    StopLog log = new StopLog(this::look, Clock.systemUTC());
    try (Journal journal =
        Journal.open(folder.resolve("stops"), ID, Duration.ofSeconds(5), Time.system())) {
      StopResult unused =
          new StopProver(ToolServices.real(), policy(), log)
              .proveWithoutFlink(journal, entry(), savepoint, "silent");
    }
    Receipt left = ReceiptFile.parse(whileReading, "the receipt");
    assertThat(left.unfinished()).isTrue();
    assertThat(Reproof.isDue(left)).isFalse();
    assertThat(String.join(" ", left.problems()))
        .contains("has not come to its end", "the same stop again")
        .doesNotContain("sluice verify");
  }

  /** With other flags the stop would be refused as another one. */
  @Test
  void theCommandThatCompletesItReachesTheSameStop() throws Exception {
    String savepoint = write(SavepointFormatType.NATIVE);
    prove(savepoint, StopResult.Kind.PROVED);
    Receipt left = ReceiptFile.parse(whileReading, "the receipt");
    Path stops = folder.resolve("stops");
    List<String> words = List.of("--rest", "https://flink:8081");
    assertThat(Reproof.unfinished(left, "r.json", stops, words).orElseThrow())
        .contains("'sluice verify r.json --rest https://flink:8081'");

    StopLog log = new StopLog(this::look, Clock.systemUTC());
    Files.delete(receipt());
    try (Journal journal = Journal.open(stops, ID, Duration.ofSeconds(5), Time.system())) {
      journal.write(entry("s3://saved", true));
      StopResult unused =
          new StopProver(ToolServices.real(), policy(), log)
              .proveWithoutFlink(journal, entry(), savepoint, "silent");
      journal.write(entry("s3://saved", true));
    }
    Receipt untold = ReceiptFile.parse(whileReading, "the receipt");
    assertThat(Reproof.unfinished(untold, "r.json", stops, words).orElseThrow())
        .contains(
            "'sluice stop flights --savepointPath s3://saved --type native --rest https://flink:8081'");
    assertThat(Reproof.unfinished(untold, "r.json", folder, words).orElseThrow())
        .as("by the receipt alone")
        .contains("'sluice stop flights --type native --rest https://flink:8081'");
  }

  @Test
  void ofAJobThatFailedItIsCompletedAsSuch() throws Exception {
    StopResult first =
        prove(write(SavepointFormatType.CANONICAL), StopResult.Kind.FAILED_WHILE_STOPPING);
    assertThat(first.kind()).isEqualTo(StopResult.Kind.FAILED_WHILE_STOPPING);
    Receipt left = ReceiptFile.parse(whileReading, "the receipt");
    assertThat(left.outcome()).isEqualTo(StopResult.Kind.UNPROVED);
    Files.write(receipt(), whileReading);
    assertThat(Reproof.isDue(left)).isTrue();
    assertThat(reproof(receipt(), left).kind()).isEqualTo(StopResult.Kind.FAILED_WHILE_STOPPING);
  }

  @Test
  void modelsThatCannotBeReadHereAreNotProved() throws Exception {
    String savepoint = write(SavepointFormatType.NATIVE);
    System.setProperty(TEMPORARY, folder.resolve("nowhere").toString());
    StopResult outcome = prove(savepoint, StopResult.Kind.PROVED);

    assertThat(outcome.kind()).isEqualTo(StopResult.Kind.UNPROVED);
    assertThat(outcome.exitCode()).isEqualTo(5);
    Receipt receipt = outcome.written().receipt();
    assertThat(receipt.models()).isNull();
    assertThat(requireNonNull(receipt.snapshot()).files()).as("what is proved").isNotEmpty();
    assertThat(receipt.problems())
        .singleElement()
        .asString()
        .contains("were not read", "Proved is that its", "not proved is that its models are sound");
    assertThat(receipt.steps())
        .anySatisfy(
            step -> {
              assertThat(step.step()).isEqualTo(Step.SANE.code());
              assertThat(step.result()).isEqualTo(StepResult.FAILED.code());
            });

    System.setProperty(TEMPORARY, temporaryBefore);
    assertThat(reproof(receipt(), receipt).kind()).isEqualTo(StopResult.Kind.PROVED);
  }

  @Test
  void verifyTellsTheSame() throws Exception {
    String savepoint = write(SavepointFormatType.NATIVE);
    KnownPlaces known = new KnownPlaces(Map.of(), Map.of(), folder.resolve("stops"));
    Verification.Result good =
        Verification.of(
            ToolServices.real(),
            savepoint,
            null,
            ReceiptKeys.NONE,
            Map.of(),
            known,
            ReadProgress.NONE);
    assertThat(good.isGood()).as("%s", good.problems()).isTrue();
    assertThat(good.models()).isNotNull();

    System.setProperty(TEMPORARY, folder.resolve("nowhere").toString());
    Verification.Result unread =
        Verification.of(
            ToolServices.real(),
            savepoint,
            null,
            ReceiptKeys.NONE,
            Map.of(),
            known,
            ReadProgress.NONE);
    assertThat(unread.isGood()).isFalse();
    assertThat(unread.isUndecided()).as("%s", unread.problems()).isTrue();
    assertThat(unread.models()).isNull();
  }

  @ParameterizedTest
  @EnumSource(SavepointFormatType.class)
  void verifyDoesNotTrustWhatIsDamaged(SavepointFormatType format) throws Exception {
    String savepoint = write(format);
    try (Stream<Path> files = Files.list(Path.of(savepoint))) {
      for (Path large : files.filter(file -> file.toFile().length() > 20_000).toList()) {
        byte[] bytes = Files.readAllBytes(large);
        Arrays.fill(bytes, bytes.length / 3, bytes.length / 2, (byte) 0x7F);
        Files.write(large, bytes);
      }
    }
    Verification.Result found =
        Verification.of(
            ToolServices.real(),
            savepoint,
            null,
            ReceiptKeys.NONE,
            Map.of(),
            new KnownPlaces(Map.of(), Map.of(), folder.resolve("stops")),
            ReadProgress.NONE);
    assertThat(found.isGood()).isFalse();
    assertThat(found.isUndecided()).isFalse();
    assertThat(found.problems()).anySatisfy(problem -> assertThat(problem).contains("read"));
  }

  private String write(SavepointFormatType format) throws Exception {
    try (WrittenSnapshot written =
        new WrittenSnapshot(
            folder.resolve("saved"), new EmbeddedRocksDBStateBackend(), false, given.meaning())) {
      for (int i = 0; i < KEYS; i++) {
        written.key("K" + i, given.learned(2), Map.of());
      }
      return written.take(CheckpointProperties.forSyncSavepoint(false, false, format));
    }
  }

  private StopResult prove(String savepoint, StopResult.Kind wanted) throws Exception {
    StopLog log = new StopLog(this::look, Clock.systemUTC());
    log.begin(Step.FINISHED, "waits for the end");
    if (wanted == StopResult.Kind.PROVED) {
      log.ok("every task has finished");
    } else {
      log.failed(Reproof.JOB_FAILED + ": a task died");
    }
    try (Journal journal =
        Journal.open(folder.resolve("stops"), ID, Duration.ofSeconds(5), Time.system())) {
      return new StopProver(ToolServices.real(), policy(), log)
          .prove(journal, entry(), savepoint, wanted);
    }
  }

  private StopPolicy policy() {
    return new StopPolicy(
        "flights",
        List.of(URI.create("http://127.0.0.1:1")),
        null,
        false,
        false,
        Duration.ofSeconds(5),
        OnTimeout.FAIL,
        Duration.ofSeconds(5),
        null,
        folder.resolve("stops"),
        Map.of(),
        null,
        List.of(),
        ReceiptKeys.NONE);
  }

  private void look(StopEvent event) {
    if (event instanceof StopEvent.Started && event.step() == Step.SANE) {
      try {
        whileReading = Files.readAllBytes(receipt());
        if (resumedMeanwhile) {
          ReceiptFile.write(
              receipt(),
              ReceiptFile.parse(whileReading, "the receipt").with(RESUMPTION),
              ReceiptKeys.NONE);
        }
      } catch (IOException e) {
        throw new AssertionError("there is no receipt when the reading begins", e);
      }
    }
  }

  private Path receipt() throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder.resolve("stops"))) {
      files
          .filter(path -> path.getFileName().toString().startsWith("receipt-flights-"))
          .forEach(found::add);
    }
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  private StopResult reproof(Path file, Receipt receipt) throws Exception {
    return Reproof.of(
        ToolServices.real(),
        file,
        receipt,
        StopWorld.NOWHERE,
        Map.of(),
        new KnownPlaces(Map.of(), Map.of(), folder.resolve("stops")),
        Duration.ofSeconds(5),
        ReceiptKeys.NONE,
        event -> {});
  }

  private static Journal.Entry entry() {
    return entry(null, false);
  }

  private static Journal.Entry entry(@Nullable String directory, boolean nativeFormat) {
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
            null,
            ""),
        ID,
        NOON.toString(),
        directory,
        false,
        nativeFormat,
        null,
        null,
        null,
        0,
        null,
        null,
        null);
  }
}
