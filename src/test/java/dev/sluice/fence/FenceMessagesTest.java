package dev.sluice.fence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.FenceReport;
import dev.sluice.ledger.OpenInterval;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.support.ledger.LedgerValues;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.streaming.api.operators.collect.CollectCoordinationResponse;
import org.junit.jupiter.api.Test;

class FenceMessagesTest {

  @Test
  void aReportArrivesAsItWasSent() throws IOException {
    OriginSet origins = new OriginSet();
    origins.addRange("events", 3, 1L << 33, (1L << 33) + 1000);
    FenceNote note =
        new FenceNote(
            "0".repeat(32),
            9,
            8,
            true,
            new TreeMap<>(Map.of(new Partition("predictions", 0), 17L)),
            new TreeMap<>(Map.of(new Partition("events", 3), 1L << 33)));
    FenceReport report =
        LedgerValues.report(
            note, List.of(new OpenInterval(9, origins)), origins, List.of("no, no"));

    assertThat(ReportBytes.read(ReportBytes.write(report))).isEqualTo(report);
  }

  @Test
  void whatIsTooLargeForOneMessageIsCutAndPutTogetherAgain() throws IOException {
    byte[] whole = new byte[2_500_000];
    new Random(1).nextBytes(whole);
    List<byte[]> parts = FenceAnswer.cut(whole);
    assertThat(parts).hasSize(3);

    byte[] read = new byte[whole.length];
    int at = 0;
    for (byte[] part : parts) {
      CollectCoordinationResponse answer =
          (CollectCoordinationResponse) FenceAnswer.part(part, parts.size());
      assertThat(answer.getLastCheckpointedOffset()).isEqualTo(3);
      byte[] bytes = FenceAnswer.bytes(answer);
      System.arraycopy(bytes, 0, read, at, bytes.length);
      at += bytes.length;
    }
    assertThat(read).isEqualTo(whole);
  }

  @Test
  void nothingIsOnePart() {
    assertThat(FenceAnswer.cut(new byte[0])).singleElement().isEqualTo(new byte[0]);
  }
}
