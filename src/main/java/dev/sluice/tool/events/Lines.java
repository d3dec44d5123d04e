package dev.sluice.tool.events;

import java.io.BufferedReader;
import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;

/** Lines of a text of which it is known whether the last one has a line end. */
class Lines extends BufferedReader {

  private final Ends ends;

  Lines(Reader text) {
    this(new Ends(text));
  }

  private Lines(Ends ends) {
    super(ends);
    this.ends = ends;
  }

  /** Whether the line that was read last ended with the text, as one that is half written. */
  final boolean isOpen() {
    return ends.open;
  }

  /** Whether the text was read to its end. */
  final boolean isOver() {
    return ends.over;
  }

  /** Is asked for more than it has only within a line. */
  private static final class Ends extends FilterReader {
    private boolean open;
    private boolean over;
    private boolean withinLine;

    Ends(Reader in) {
      super(in);
    }

    @Override
    public int read(char[] to, int from, int most) throws IOException {
      int count = in.read(to, from, most);
      if (count > 0) {
        char last = to[from + count - 1];
        withinLine = last != '\n' && last != '\r';
      }
      over = count < 0;
      open = over && withinLine;
      return count;
    }
  }
}
