package dev.sluice.tool.resume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.receipt.Fingerprint;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFile;
import dev.sluice.tool.stop.KnownPlaces;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of a receipt gets into the operator's journal, where it is believed from then on. */
class MixedReceiptTest {

  private static final String SERVERS = "sluice.kafka.bootstrap-servers";
  private static final Path GOLDEN =
      Path.of("src/test/resources/golden/receipt-1-with-properties.json");

  @TempDir Path journal;

  @Test
  void itNamesTheBrokersThatTheOperatorNamed() throws Exception {
    Receipt planted = ReceiptFile.read(GOLDEN);
    assertThat(planted.job().settings().get(SERVERS)).isNotNull().isNotEqualTo("mine:9092");
    SortedMap<String, String> known =
        new KnownPlaces(Map.of(SERVERS, "mine:9092"), Map.of(), journal).settings(planted, "it");
    Receipt.Job job = TransplantReceipt.job(planted.job(), known, "champion");
    assertThat(job.settings())
        .containsEntry(SERVERS, "mine:9092")
        .containsEntry("sluice.serving.policy", "champion");
    assertThat(job.settingsFingerprint()).isEqualTo(Fingerprint.of(job.settings()));
    assertThat(job.id()).isEqualTo(planted.job().id());
  }

  /** A pasted command reaches the same cluster, and signs as the rollback did. */
  @Test
  void itsCommandHasTheFlagsOfTheRollback() {
    assertThat(
            TransplantReceipt.command(
                Path.of("/stops/r.json"), List.of("--rest", "http://f:1", "--sign", "/k.pem")))
        .isEqualTo("sluice resume /stops/r.json --rest http://f:1 --sign /k.pem");
  }
}
