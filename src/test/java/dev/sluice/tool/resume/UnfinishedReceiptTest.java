package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.support.CannedFlink;
import dev.sluice.support.GoldenReceipt;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.receipt.ReceiptKeys;
import dev.sluice.tool.receipt.StopResult;
import dev.sluice.tool.resume.ResumeOutcome.Finding;
import dev.sluice.tool.savepoint.GoldenSavepoint;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a resume makes of a receipt whose proof has not ended, or ends meanwhile. */
class UnfinishedReceiptTest {

  private static final String RESUMED = "fedcba9876543210fedcba9876543210";

  @TempDir Path folder;

  private CannedFlink flink;
  private String savepoint = "";
  private Path file = Path.of("");

  @BeforeEach
  void start() throws IOException {
    flink = CannedFlink.start();
    savepoint = Snapshot.open(GoldenSavepoint.copyTo(folder.resolve("savepoint")).toString()).uri();
    file = Files.createDirectory(folder.resolve("stops")).resolve("receipt-sluice-fedcba98.json");
  }

  @AfterEach
  void stop() {
    flink.close();
  }

  @Test
  void itIsRefusedWithTheCommandThatCompletesIt() throws Exception {
    write(true, true);
    ResumeOutcome outcome = new Resume(ToolServices.real(), policy(), text -> {}).run(true);
    assertThat(outcome).isInstanceOf(ResumeOutcome.Refused.class);
    assertThat(outcome.text())
        .contains("the proof of the stop has not come to its end", "'sluice verify " + file + "'");
    assertThat(flink.asked()).isEmpty();
  }

  @Test
  void oneThatOnlyTheStopCanCompleteIsRefusedWithTheStop() throws Exception {
    write(true, false);
    assertThat(new Resume(ToolServices.real(), policy(), text -> {}).run(true).text())
        .contains("the proof of the stop has not come to its end", "'sluice stop sluice'")
        .doesNotContain("sluice verify");
  }

  /** A command that is pasted must not be wrong usage: these verbs have not all of its flags. */
  @Test
  void theCommandHasTheFlagsOfAProof() throws Exception {
    write(true, true);
    ResumePolicy policy = policy();
    List<String> connection =
        List.of("--rest", "http://f:1", "--jar", "/j.jar", "--verify-key", "/k.pub");
    ResumePolicy flags =
        new ResumePolicy(
            policy.from(),
            policy.rest(),
            policy.jar(),
            null,
            false,
            null,
            false,
            policy.settings(),
            Map.of(),
            policy.journal(),
            policy.patience(),
            connection,
            policy.keys());
    assertThat(new Resume(ToolServices.real(), flags, text -> {}).run(true).text())
        .contains("'sluice verify " + file + " --rest http://f:1 --sign KEYFILE'");
  }

  /** The stop has written the proved receipt after the resume has read the one before. */
  @Test
  void aResumptionIsAddedToWhatIsInTheFileByThen() throws Exception {
    write(true, true);
    Resumable from = Resumable.open(policy());
    write(false, true);
    Receipt proved = ReceiptFile.read(file);
    Finding finding = Finding.refused(savepoint, List.of(), List.of());

    assertThat(
            new ResumptionRecord(policy(), from, finding, text -> {}, Time.system())
                .runs(RESUMED, 3))
        .isEmpty();

    for (Path each : List.of(file, folder.resolve("savepoint").resolve(ReceiptFile.COPY_NAME))) {
      Receipt now = ReceiptFile.read(each);
      assertThat(now.outcome()).as("%s", each).isEqualTo(StopResult.Kind.PROVED);
      assertThat(now.models()).isEqualTo(proved.models()).isNotNull();
      assertThat(now.snapshot()).isEqualTo(proved.snapshot());
      assertThat(now.resumptions()).extracting(Receipt.Resumption::jobId).containsExactly(RESUMED);
      assertThat(now.resumptions()).extracting(Receipt.Resumption::parallelism).containsExactly(3);
    }
  }

  /**
   * Writes the receipt.
   *
   * @param reported whether Flink has reported that the job has ended
   */
  private void write(boolean unfinished, boolean reported) throws IOException {
    ObjectNode json = GoldenReceipt.of(Snapshot.open(savepoint));
    if (unfinished) {
      GoldenReceipt.unfinished(json);
    }
    if (reported) {
      GoldenReceipt.ended(json);
    }
    GoldenReceipt.write(file, json, ReceiptKeys.NONE);
  }

  private ResumePolicy policy() {
    return new ResumePolicy(
        file.toString(),
        flink.addresses(),
        folder.resolve("job.jar"),
        null,
        false,
        null,
        false,
        Map.of("sluice.kafka.bootstrap-servers", "no-port"),
        Map.of(),
        folder.resolve("stops"),
        Duration.ofSeconds(5),
        List.of(),
        ReceiptKeys.NONE);
  }
}
