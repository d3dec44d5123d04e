package dev.sluice.tool.receipt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * Whatever the bytes are, a receipt is read, and then written and read again as it is, or an
 * IOException says why not. None that is read brings properties of Kafka's clients.
 */
class ReceiptFuzzTest {

  private static final ReceiptKeys KEYS = keys();

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

  /** Without the key no one can write a receipt signed by it. */
  @FuzzTest
  void signedReceipts(byte[] bytes) {
    assertThatThrownBy(() -> ReceiptFile.parse(bytes, "fuzzed", KEYS))
        .isInstanceOf(IOException.class);
  }

  private static ReceiptKeys keys() {
    try {
      return ReceiptKeys.of(null, Path.of("src/test/resources/golden/receipt-1-signed.pub.pem"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
