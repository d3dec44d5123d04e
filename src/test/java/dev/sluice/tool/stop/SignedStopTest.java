package dev.sluice.tool.stop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.CannedBroker;
import dev.sluice.support.KeyFiles;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.receipt.UntrustedReceiptException;
import dev.sluice.tool.savepoint.ReadProgress;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stop whose receipts are signed, and what it makes of those that are not. */
class SignedStopTest {

  private static final Receipt.Resumption RESUMPTION =
      new Receipt.Resumption(
          Instant.parse("2026-11-22T12:00:00Z"),
          StopWorld.TRIGGER,
          2,
          0L,
          0,
          Receipt.Resumption.State.RUNS);

  @TempDir Path folder;

  private StopWorld world;
  private CannedBroker broker;
  private ReceiptKeys signer;
  private ReceiptKeys checker;

  /** The receipt as it is when the reading of the savepoint begins. */
  private final List<byte[]> whileReading = new ArrayList<>();

  @BeforeEach
  void makeKeys() throws Exception {
    KeyFiles files = KeyFiles.in(folder, "ours");
    signer = ReceiptKeys.of(files.secret(), null);
    checker = ReceiptKeys.of(null, files.open());
    world = StopWorld.in(folder);
    world.keys = signer;
    broker =
        CannedBroker.start()
            .transaction("snapshot-0-3", 5, 1, "CompleteCommit")
            .transaction("snapshot-1-3", 6, 1, "CompleteCommit");
    world.settings = "\"sluice.kafka.bootstrap-servers\":\"%s\"".formatted(broker.servers());
    world.status(StopWorld.TRIGGER, world.saved());
    world.state("FINISHED");
    world.journal(Instant.now().toString(), StopWorld.STARTED, null, false, world.savepoint, null);
  }

  @AfterEach
  void endFlinkAndKafka() throws IOException {
    world.close();
    broker.close();
  }

  @Test
  void everyReceiptOfAStopIsSigned() throws Exception {
    StopResult outcome = world.stop(this::look);
    assertThat(outcome.kind()).as(outcome.text()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(ReceiptFile.read(file(), checker)).isEqualTo(outcome.written().receipt());
    assertThat(ReceiptFile.read(sibling(), checker)).isEqualTo(ReceiptFile.read(file()));
    assertThat(whileReading).hasSize(1);
    assertThat(ReceiptFile.parse(whileReading.get(0), "r", checker).unfinished()).isTrue();
    StopResult again = world.stop();
    assertThat(again.exitCode()).as(again.text()).isZero();
  }

  @Test
  void withoutAKeyNoneIs() throws Exception {
    world.keys = ReceiptKeys.NONE;
    assertThat(world.stop().exitCode()).isZero();
    assertThat(ReceiptFile.isSigned(file())).isFalse();
    assertThat(Files.readAllBytes(file())).isEqualTo(ReceiptFile.bytes(ReceiptFile.read(file())));

    world.keys = signer;
    StopResult again = world.stop();
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.text()).contains("is not signed", "[SLU-RECEIPT-UNSIGNED]");
  }

  @Test
  void aReceiptThatWasChangedIsNoAnswerToTheSameStop() throws Exception {
    assertThat(world.stop().exitCode()).isZero();
    change(file(), "\"parallelism\" : 2", "\"parallelism\" : 9");
    StopResult again = world.stop();
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.text()).contains(file().toString(), "[SLU-RECEIPT-SIGNATURE]");
    world.keys = ReceiptKeys.NONE;
    assertThat(world.stop().exitCode()).as("without a key").isZero();
  }

  @Test
  void verifyAsksForTheSignature() throws Exception {
    assertThat(world.stop().exitCode()).isZero();
    Receipt signed = ReceiptFile.read(file(), checker);
    for (Receipt named : new @Nullable Receipt[] {signed, null}) {
      Verification.Result found = verify(named, checker);
      assertThat(found.problems()).isEmpty();
    }
    change(sibling(), "\"proved\"", "\"unproved\"");
    assertThatThrownBy(() -> verify(null, checker))
        .isInstanceOf(UntrustedReceiptException.class)
        .hasMessageEndingWith("[SLU-RECEIPT-SIGNATURE]");
    assertThat(verify(null, ReceiptKeys.NONE).problems()).isEmpty();
    ReceiptFile.write(sibling(), signed, ReceiptKeys.NONE);
    assertThatThrownBy(() -> verify(null, checker)).hasMessageEndingWith("[SLU-RECEIPT-UNSIGNED]");
    Files.delete(sibling());
    assertThatThrownBy(() -> verify(null, checker))
        .hasMessageContaining("there is no receipt next to")
        .hasMessageEndingWith("[SLU-RECEIPT-UNSIGNED]");
    assertThat(verify(signed, checker).problems()).as("of the named receipt").isEmpty();
  }

  /** A signed receipt of one savepoint must not vouch for another one that it is copied to. */
  @Test
  void aSignedReceiptVouchesForItsOwnFilesOnly() throws Exception {
    assertThat(world.stop().exitCode()).isZero();
    Receipt signed = ReceiptFile.read(file(), checker);
    Files.writeString(savepoint().resolve("note"), "no file of the snapshot");
    assertThat(verify(signed, checker).problems()).isEmpty();
    Receipt.Snapshot whole = requireNonNull(signed.snapshot());
    List<Receipt.StoredFile> fewer = whole.files().subList(1, whole.files().size());
    assertThat(FileProof.notVouchedFor(signed, "file:/copy", whole.files())).isEmpty();
    assertThat(FileProof.notVouchedFor(signed, whole.uri(), fewer))
        .singleElement()
        .asString()
        .contains("is not the snapshot that the signed receipt vouches for", "_metadata");
    List<Receipt.StoredFile> more = new ArrayList<>(whole.files());
    more.add(new Receipt.StoredFile("file:/evil/_metadata", 1, "00"));
    assertThat(FileProof.notVouchedFor(signed, whole.uri(), more)).isNotEmpty();
    Receipt unread = ReceiptFile.parse(unreadOf(signed), "r", checker);
    assertThat(FileProof.notVouchedFor(unread, whole.uri(), whole.files())).isEmpty();
    assertThat(FileProof.notVouchedFor(unread, "file:/elsewhere", whole.files())).isNotEmpty();
    assertThat(FileProof.signatureNotes(unread)).isNotEmpty();
    assertThat(FileProof.signatureNotes(signed)).isEmpty();
  }

  private byte[] unreadOf(Receipt signed) throws IOException {
    String json = new String(ReceiptFile.bytes(signed), UTF_8);
    String none = json.replaceFirst("(?s)\"files\" : \\[.*?\\]", "\"files\" : [ ]");
    return ReceiptFile.bytes(ReceiptFile.parse(none.getBytes(UTF_8), "r"), signer);
  }

  @Test
  void aProofThatIsCompletedIsSignedAgain() throws Exception {
    assertThat(world.stop(this::look).exitCode()).isZero();
    Files.write(file(), whileReading.get(0)); // As kill -9 leaves it.
    assertThat(complete().kind()).isEqualTo(StopResult.Kind.PROVED);
    for (Path each : List.of(file(), sibling())) {
      Receipt now = ReceiptFile.read(each, checker);
      assertThat(now.outcome()).isEqualTo(StopResult.Kind.PROVED);
      assertThat(now.unfinished()).isFalse();
      assertThat(now.steps()).extracting(Receipt.StepLine::step).doesNotContain("receipt");
    }
  }

  /** What another user has put into the file must not be signed as if it had been there. */
  @Test
  void aResumptionThatNobodySignedIsNotTakenOver() throws Exception {
    assertThat(world.stop(this::look).exitCode()).isZero();
    Receipt left = ReceiptFile.parse(whileReading.get(0), "r", checker);
    ReceiptFile.write(file(), left.with(RESUMPTION), ReceiptKeys.NONE);
    assertThat(complete(left).kind()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(ReceiptFile.read(file(), checker).resumptions()).isEmpty();

    ReceiptFile.write(file(), left.with(RESUMPTION), signer);
    assertThat(complete(left).kind()).isEqualTo(StopResult.Kind.PROVED);
    assertThat(ReceiptFile.read(file(), checker).resumptions()).containsExactly(RESUMPTION);
  }

  private StopResult complete() throws Exception {
    return complete(ReceiptFile.read(file(), checker));
  }

  private StopResult complete(Receipt left) throws Exception {
    return Reproof.of(
        ToolServices.real(),
        file(),
        left,
        StopWorld.NOWHERE,
        Map.of(),
        known(),
        Duration.ofSeconds(5),
        signer,
        event -> {});
  }

  private Verification.Result verify(@Nullable Receipt named, ReceiptKeys keys) throws Exception {
    return Verification.of(
        ToolServices.real(), world.savepoint, named, keys, Map.of(), known(), ReadProgress.NONE);
  }

  private KnownPlaces known() {
    return new KnownPlaces(Map.of(), Map.of(), world.stops);
  }

  private void look(StopEvent event) {
    if (event instanceof StopEvent.Started && event.step() == Step.SANE) {
      try {
        whileReading.add(Files.readAllBytes(file()));
      } catch (IOException e) {
        throw new UncheckedIOException("there is no receipt when the reading begins", e);
      }
    }
  }

  private Path file() throws IOException {
    assertThat(world.receipts()).hasSize(1);
    return world.receipts().get(0);
  }

  private Path savepoint() {
    return folder.resolve("savepoint");
  }

  private Path sibling() {
    return savepoint().resolve(ReceiptFile.COPY_NAME);
  }

  private static void change(Path file, String from, String to) throws IOException {
    String json = Files.readString(file);
    assertThat(json).contains(from);
    Files.writeString(file, json.replaceFirst(from, to));
  }
}
