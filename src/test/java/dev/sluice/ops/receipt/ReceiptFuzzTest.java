package dev.sluice.ops.receipt;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;

/**
 * Whatever the bytes are, a receipt is read, and then written and read again as it is, or an
 * IOException says why not. None that is read brings properties of Kafka's clients.
 */
class ReceiptFuzzTest {

  @FuzzTest
  void receipts(byte[] bytes) throws IOException {
    Receipt receipt;
    try {
      receipt = ReceiptFile.parse(bytes, "fuzzed");
    } catch (IOException noReceipt) {
      return;
    }
    assertThat(receipt.job().settings().keySet())
        .noneMatch(key -> key.startsWith("sluice.kafka.properties."));
    assertThat(receipt.job().flink().keySet())
        .allMatch(key -> key.startsWith("execution.checkpointing."));
    assertThat(ReceiptFile.parse(ReceiptFile.bytes(receipt), "written")).isEqualTo(receipt);
  }
}
