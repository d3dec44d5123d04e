package dev.sluice.tool.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.control.ControlState;
import dev.sluice.event.Answer.ControlReply;
import dev.sluice.event.ControlEcho;
import dev.sluice.event.Origin;
import dev.sluice.model.ModelState;
import dev.sluice.support.FlakyFiles;
import dev.sluice.support.WrittenSnapshot;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
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
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two stops of one job, the second of which has a model less: whether that is called lost depends
 * on what commands and settings have done between the two.
 */
class CounterComparisonTest {

  private static final String FIRST = "0123456789abcdef0123456789abcdef";
  private static final String SECOND = "fedcba9876543210fedcba9876543210";
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
  private static final String LOST = "outcomes learned have gone back from 40 at the stop before";
  private static final String CONTROL = "sluice.control";

  @TempDir Path folder;

  private final SavedModelFixtures given = new SavedModelFixtures();
  private final ControlState orders = new ControlState();
  private final TreeMap<String, String> settings =
      new TreeMap<>(Map.of("sluice.sink.delivery-guarantee", "at-least-once"));
  private long commands;

  @Test
  void ofAJobWithoutCommandsAModelThatIsGoneIsLost() throws Exception {
    stopWith(30, 10);
    assertLost(stopAgainWith(30));
  }

  @Test
  void aResetBeforeTheStopBeforeHidesNoLoss() throws Exception {
    reset(null);
    stopWith(30, 10);
    assertThat(noteOf(FIRST)).contains("last reset number 1, and without the models");
    assertLost(stopAgainWith(30));
  }

  @Test
  void aResetOfAnotherKeyBeforeTheStopBeforeHidesNoLoss() throws Exception {
    reset("another");
    stopWith(30, 10);
    assertLost(stopAgainWith(30));
  }

  /** As tools of before wrote receipts, and as a rollback of models does. */
  @Test
  void ofAReceiptWithoutTheNoteTheSavepointTellsOfTheReset() throws Exception {
    reset(null);
    stopWith(30, 10);
    removeNote();
    assertLost(stopAgainWith(30));
  }

  /** A receipt that is proved stays as it is: one failure must not decide it. */
  @Test
  void aStoreThatFailsOnceHidesNoLoss() throws Exception {
    reset(null);
    stopWith(30, 10);
    removeNote();
    String receipt = Files.readString(receipt(FIRST));
    assertThat(receipt).contains("\"uri\" : \"file:" + folder);
    Files.writeString(receipt(FIRST), receipt.replace("\"file:/", "\"flaky:/"));
    FlakyFiles.failsToOpen(metadata(FIRST), 1);
    assertLost(stopAgainWith(30));
  }

  private Path metadata(String job) throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve(job).toAbsolutePath())) {
      return all.filter(one -> one.endsWith("_metadata")).findFirst().orElseThrow();
    }
  }

  @Test
  void withoutNoteAndSavepointNothingIsCompared() throws Exception {
    reset(null);
    stopWith(30, 10);
    removeNote();
    delete(folder.resolve(FIRST));
    assertNotCompared(stopAgainWith(30), "whether models were reset in between", "can't be read");
  }

  @Test
  void aResetInBetweenIsSaid() throws Exception {
    stopWith(30, 10);
    reset(null);
    assertNotCompared(stopAgainWith(30), "models were reset by a control command in between");
  }

  @Test
  void aSecondResetInBetweenIsSaid() throws Exception {
    reset(null);
    stopWith(30, 10);
    reset("K1");
    assertNotCompared(stopAgainWith(30), "models were reset by a control command in between");
  }

  /** A model follows a reset right before its key's next event, which came after the stop. */
  @Test
  void aResetThatAModelFollowsOnlyAfterTheStopIsNoLoss() throws Exception {
    Map<String, ModelState> models = models(30, 10);
    orders.reset("K1");
    commands++;
    answered("reset", "K1");
    stop(FIRST, models);
    assertThat(noteOf(FIRST)).contains("still to be reset 30 outcomes learned, 30 predictions");
    models.put("K1", learned(1));
    assertCompared(stop(SECOND, models));
    models.put("K0", learned(28));
    Files.delete(receipt(SECOND));
    assertThat(problems(stop(SECOND, models)))
        .anyMatch(problem -> problem.startsWith("outcomes learned have gone back from 30 at"));
  }

  /** The same of a receipt without the note: its savepoint is read whole. */
  @Test
  void ofAReceiptWithoutTheNoteTheSavepointTellsWhatTheResetTakes() throws Exception {
    Map<String, ModelState> models = models(30, 10);
    orders.reset("K1");
    commands++;
    answered("reset", "K1");
    stop(FIRST, models);
    removeNote();
    models.put("K1", learned(1));
    assertCompared(stop(SECOND, models));
  }

  @Test
  void modelsThatExpireAreNotCompared() throws Exception {
    settings.put("sluice.model.expire-after", "7 d");
    stopWith(30, 10);
    assertNotCompared(stopAgainWith(30), "may have expired", "sluice.model.expire-after");
  }

  @Test
  void aKeyThatWasForgottenInBetweenIsNotLost() throws Exception {
    stopWith(30, 10);
    commands++;
    answered("forget", "K1");
    assertNotCompared(stopAgainWith(30), "1 control command forgot a key in between");
  }

  @Test
  void aKeyThatWasForgottenBeforeHidesNoLoss() throws Exception {
    commands++;
    answered("forget", "K9");
    stopWith(30, 10);
    assertLost(stopAgainWith(30));
  }

  @Test
  void otherCommandsInBetweenHideNoLoss() throws Exception {
    stopWith(30, 10);
    commands++;
    answered("pause", null);
    assertLost(stopAgainWith(30));
  }

  @Test
  void aCommandOfWhichNothingIsRememberedMayHaveForgottenAKey() throws Exception {
    stopWith(30, 10);
    commands++;
    assertNotCompared(
        stopAgainWith(30), "1 control command came in between, and the savepoint does not record");
  }

  private void reset(@Nullable String key) {
    orders.reset(key);
    commands++;
    answered("reset", key);
  }

  private void answered(String command, @Nullable String key) {
    orders
        .answered()
        .remember(
            new ControlReply(
                new Origin(CONTROL, 0, commands - 1),
                new ControlEcho("id-" + commands, command, null, key, null, null),
                null,
                false));
  }

  private void stopWith(int... outcomes) throws Exception {
    stop(FIRST, models(outcomes));
  }

  private StopResult stopAgainWith(int... outcomes) throws Exception {
    return stop(SECOND, models(outcomes));
  }

  private Map<String, ModelState> models(int... outcomes) {
    Map<String, ModelState> models = new LinkedHashMap<>();
    for (int one : outcomes) {
      models.put("K" + models.size(), learned(one));
    }
    return models;
  }

  /** One that has followed every command so far. */
  private ModelState learned(int outcomes) {
    ModelState model = given.learned(outcomes);
    model.generation = orders.numbers().last();
    return model;
  }

  /** Stops a job, and resumes it as the second one. */
  private StopResult stop(String job, Map<String, ModelState> models) throws Exception {
    Path saved = folder.resolve(job);
    delete(saved);
    String savepoint;
    try (WrittenSnapshot written =
        new WrittenSnapshot(
            saved,
            new HashMapStateBackend(),
            false,
            commands == 0
                ? given.meaning()
                : given.meaning().after(orders, new Origin(CONTROL, 0, commands)))) {
      for (Map.Entry<String, ModelState> model : models.entrySet()) {
        written.key(model.getKey(), model.getValue(), Map.of());
      }
      savepoint =
          written.take(
              CheckpointProperties.forSyncSavepoint(false, false, SavepointFormatType.CANONICAL));
    }
    StopLog log = new StopLog(event -> {}, Clock.systemUTC());
    StopResult outcome;
    try (Journal journal = Journal.open(stops(), job, Duration.ofSeconds(5), Time.system())) {
      outcome =
          new StopProver(ToolServices.real(), policy(), log)
              .prove(journal, entry(job), savepoint, StopResult.Kind.PROVED);
    }
    if (job.equals(FIRST)) {
      assertThat(outcome.exitCode()).as(outcome.text()).isZero();
      Receipt receipt = ReceiptFile.read(receipt(FIRST));
      ReceiptFile.write(
          receipt(FIRST),
          asRead(receipt)
              .with(
                  new Receipt.Resumption(
                      NOON.plusSeconds(1), SECOND, 1, 0L, 0, Receipt.Resumption.State.RUNS)),
          ReceiptKeys.NONE);
    }
    return outcome;
  }

  /** The source of commands is not in the written savepoint, only what the operator has. */
  private Receipt asRead(Receipt receipt) {
    return changed(receipt, receipt.steps(), new TreeMap<>(Map.of(CONTROL + "/0", commands)));
  }

  private void removeNote() throws IOException {
    Receipt receipt = ReceiptFile.read(receipt(FIRST));
    List<Receipt.StepLine> steps = CounterNote.without(receipt.steps());
    assertThat(steps).isNotEqualTo(receipt.steps());
    ReceiptFile.write(
        receipt(FIRST), changed(receipt, steps, receipt.sourceOffsets()), ReceiptKeys.NONE);
  }

  private static Receipt changed(
      Receipt receipt, List<Receipt.StepLine> steps, SortedMap<String, Long> offsets) {
    return new Receipt(
        receipt.receiptVersion(),
        receipt.tool(),
        receipt.outcome(),
        receipt.startedAt(),
        receipt.endedAt(),
        receipt.job(),
        receipt.snapshot(),
        offsets,
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

  private static void assertLost(StopResult outcome) {
    assertThat(outcome.exitCode()).as(outcome.text()).isEqualTo(5);
    assertThat(problems(outcome)).anyMatch(problem -> problem.startsWith(LOST));
  }

  private static void assertNotCompared(StopResult outcome, String... why) {
    assertThat(outcome.exitCode()).as(outcome.text()).isZero();
    Receipt receipt = outcome.written().receipt();
    assertThat(receipt.notProved())
        .anySatisfy(
            clause ->
                assertThat(clause).startsWith("that no models were lost since").contains(why));
    assertThat(outcome.text()).contains("Not proved: ").contains(why);
    assertThat(EarlierReceipts.comparedBy(receipt)).isEmpty();
  }

  private void assertCompared(StopResult outcome) {
    assertThat(outcome.exitCode()).as(outcome.text()).isZero();
    Receipt receipt = outcome.written().receipt();
    assertThat(receipt.notProved()).noneMatch(clause -> clause.contains("models"));
    assertThat(EarlierReceipts.comparedBy(receipt)).contains(receipt(FIRST).toString());
  }

  private static List<String> problems(StopResult outcome) {
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.UNPROVED);
    return outcome.written().receipt().problems();
  }

  private String noteOf(String job) throws IOException {
    return ReceiptFile.read(receipt(job)).steps().stream()
        .filter(line -> line.step().equals("sane"))
        .findFirst()
        .orElseThrow()
        .text();
  }

  private Path stops() {
    return folder.resolve("stops");
  }

  private Path receipt(String job) {
    return stops().resolve("receipt-flights-%s.json".formatted(job.substring(0, 8)));
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> all = Files.walk(directory)) {
        for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(one);
        }
      }
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
