package dev.sluice.tool.events;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Opens a text of lines: strict UTF-8, gzipped or not, each line of bounded length. */
public final class TextFile {

  private static final int BYTE_ORDER_MARK = 0xFEFF;

  private TextFile() {}

  /**
   * Opens a file.
   *
   * @throws IOException if it can't be read
   */
  public static BufferedReader open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("%s is a directory: name a file".formatted(file));
    }
    InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      return of(
          file.toString().endsWith(".gz") ? new GZIPInputStream(in, 1 << 16) : in, file.toString());
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /**
   * Refuses what loses its beginning where it is opened once more, as a pipe does.
   *
   * @throws IOException if a file is there and is no regular one
   */
  static void requireRegular(Path file) throws IOException {
    if (Files.exists(file) && !Files.isDirectory(file) && !Files.isRegularFile(file)) {
      throw new IOException(
          "%s is no regular file, as a pipe is none, and it is opened more than once: save it as a file"
              .formatted(file));
    }
  }

  /** The same of any stream; {@code name} is what messages call it. */
  public static BufferedReader of(InputStream in, String name) throws IOException {
    PushbackReader text =
        new PushbackReader(
            new InputStreamReader(
                in,
                StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)));
    int first = read(text, name);
    if (first >= 0 && first != BYTE_ORDER_MARK) {
      text.unread(first);
    }
    return new BufferedReader(new LineLimit(text, name), 1 << 16);
  }

  private static int read(Reader text, String name) throws IOException {
    try {
      return text.read();
    } catch (CharacterCodingException e) {
      throw notUtf8(name, 1, e);
    }
  }

  /** The failure of a file that has bytes which are no UTF-8, at a line or soon behind it. */
  public static IOException notUtf8(String name, long line, CharacterCodingException e) {
    return new IOException(
        "%s is not UTF-8 at line %s or some lines behind it: save it as UTF-8, as iconv -t UTF-8 does"
            .formatted(name, line),
        e);
  }
}
