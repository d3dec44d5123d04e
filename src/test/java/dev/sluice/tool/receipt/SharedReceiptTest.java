package dev.sluice.tool.receipt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may read a receipt. */
class SharedReceiptTest {

  private static final Path GOLDEN =
      Path.of("src/test/resources/golden/receipt-1-with-properties.json");

  @TempDir Path folder;

  private Receipt receipt;
  private Path stops;
  private Path file;

  @BeforeEach
  void read() throws IOException {
    receipt = ReceiptFile.read(GOLDEN);
    stops = folder.resolve("stops");
    file = stops.resolve("receipt-one.json");
  }

  @Test
  void aReceiptIsItsOwnersAlone() throws IOException {
    ReceiptFile.write(file, receipt, ReceiptKeys.NONE);
    assertThat(rights(file)).isEqualTo("rw-------");
    assertThat(rights(stops)).isEqualTo("rwx------");
  }

  @Test
  void aGroupThatWasNamedMayReadItAndWhoWritesItAgainLeavesItSo() throws IOException {
    ReceiptFile.write(file, receipt, group(), ReceiptKeys.NONE);
    assertThat(rights(file)).isEqualTo("rw-r-----");
    assertThat(rights(stops)).isEqualTo("rwxr-x---");
    ReceiptFile.write(file, receipt, ReceiptKeys.NONE);
    assertThat(rights(file)).as("resumed, or proved again").isEqualTo("rw-r-----");
    ReceiptFile.write(stops.resolve("receipt-two.json"), receipt, ReceiptKeys.NONE);
    assertThat(rights(stops.resolve("receipt-two.json"))).isEqualTo("rw-------");
    PrivateFiles.write(stops.resolve("entry.json"), new byte[] {1});
    assertThat(rights(stops.resolve("entry.json"))).isEqualTo("rw-------");
  }

  @Test
  void aGroupThatCantBeHadIsSaidBeforeAnythingIsWritten() throws IOException {
    assertThatThrownBy(() -> PrivateFiles.requireShareable(folder, "no-such-group"))
        .isInstanceOf(IOException.class)
        .hasMessage("this machine knows no such group");
    PrivateFiles.requireShareable(folder, group());
    assertThat(folder).isEmptyDirectory();
    assertThat(rights(folder)).as("as it was").isEqualTo("rwx------");
  }

  private String group() throws IOException {
    return Files.readAttributes(folder, PosixFileAttributes.class).group().getName();
  }

  private static String rights(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
