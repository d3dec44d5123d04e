package dev.sluice.tool.events;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/**
 * The last row of a file if the file ends within it, without a line end. It may be half of one that
 * is still being written, so one that can't be used is held back. One that is whole is fed, with a
 * mark of its text, by which a later run notices that it went on.
 */
public final class OpenRow {

  /** What a mark looks like: the row's number, and a fingerprint of its text. */
  public static final String MARK = "\\d{1,18}/[0-9a-f]{16}";

  private static final int FINGERPRINT_BYTES = 8;

  private OpenRow() {}

  /** The mark of a row, by its cells. */
  static String mark(long row, String... cells) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      for (String cell : cells) {
        sha256.update(cell.getBytes(StandardCharsets.UTF_8));
        sha256.update((byte) 0);
      }
      byte[] first = Arrays.copyOf(sha256.digest(), FINGERPRINT_BYTES);
      return row + "/" + HexFormat.of().formatHex(first);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  /** What is wrong with a row that is held back. */
  static String heldBack(String what) {
    return what
        + "; the file ends within this row, as one does that is being written, so it is held back and fed once it is"
        + " whole";
  }

  /**
   * Refuses a row that is another one than when it was fed without its line end.
   *
   * @param marks of the rows that were, by their numbers
   */
  static void requireSame(
      Map<Long, String> marks, String file, long line, long row, String... cells)
      throws IOException {
    String mark = marks.get(row);
    if (mark != null && !mark.equals(mark(row, cells))) {
      throw new IOException(
          ("feeding can't continue: line %s of %s had no line end when it was fed, and it is another one since, as a"
                  + " line that was half written. What was fed of it can't be taken back. Feed what comes"
                  + " behind it alone, with --from-row %s and --as NAME, and write whole lines to a file"
                  + " that is fed")
              .formatted(line, file, row + 1));
    }
  }
}
