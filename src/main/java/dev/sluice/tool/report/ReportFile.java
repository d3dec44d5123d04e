package dev.sluice.tool.report;

import dev.sluice.tool.receipt.PrivateFiles;
import dev.sluice.tool.receipt.ReceiptFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A report as a file: there whole or not at all, and never in the place of anything else. */
public final class ReportFile {

  /** How far into a file its mark is looked for, in bytes. */
  private static final int BEGINNING = 4096;

  private static final String JSON = ".json";

  private ReportFile() {}

  /** Where the report of a receipt goes by default: next to it. */
  public static Path defaultFor(Path receipt) {
    String name = receipt.toAbsolutePath().getFileName().toString();
    String base = name.endsWith(JSON) ? name.substring(0, name.length() - JSON.length()) : name;
    return receipt.toAbsolutePath().resolveSibling(base + ".html");
  }

  /**
   * Reads a receipt and writes its report, for the owner's eyes only, as the receipt itself is.
   *
   * @param force whether a file that is no report may be replaced
   * @throws IOException if there is no receipt, or if an existing file may not be replaced
   */
  public static void write(Path receipt, Path report, boolean force) throws IOException {
    byte[] page = ReceiptPage.of(ReceiptFile.read(receipt));
    refuseToReplace(report, receipt, force);
    Path directory = report.toAbsolutePath().getParent();
    if (directory != null && !Files.isDirectory(directory)) {
      PrivateFiles.directory(directory);
    }
    PrivateFiles.write(report, page);
  }

  private static void refuseToReplace(Path report, Path receipt, boolean force) throws IOException {
    if (!Files.exists(report)) {
      return;
    }
    if (!Files.isRegularFile(report)) {
      throw new IOException(
          "%s is a directory or a device and was left as it is: name a file".formatted(report));
    }
    if (Files.isSameFile(report, receipt)) {
      throw new IOException(
          "%s is the receipt itself and was left as it is: name another file".formatted(report));
    }
    if (!force && !isReport(report)) {
      throw new IOException(
          "%s is there already, is no report, and was left as it is; --force replaces it"
              .formatted(report));
    }
  }

  private static boolean isReport(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(BEGINNING), StandardCharsets.UTF_8)
          .contains(ReceiptPage.MARK);
    }
  }
}
