package dev.sluice.tool.events;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;

/**
 * Refuses a line that is longer than any event may be, before a reader of lines collects it in
 * memory.
 */
final class LineLimit extends FilterReader {

  /** The job takes values of up to 1 MiB. */
  static final int MOST_CHARS = 1 << 20;

  private final String name;
  private long line = 1;
  private int length;

  /** {@code name}: of the file, for messages. */
  LineLimit(Reader in, String name) {
    super(in);
    this.name = name;
  }

  @Override
  public int read() throws IOException {
    char[] one = new char[1];
    return read(one, 0, 1) < 0 ? -1 : one[0];
  }

  @Override
  public int read(char[] to, int from, int most) throws IOException {
    int count = in.read(to, from, most);
    for (int i = from; i < from + count; i++) {
      if (to[i] == '\n') {
        line++;
        length = 0;
      } else if (++length > MOST_CHARS) {
        throw new IOException(
            "%s: line %s has more than %,d characters, which no event may have"
                .formatted(name, line, MOST_CHARS));
      }
    }
    return count;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
