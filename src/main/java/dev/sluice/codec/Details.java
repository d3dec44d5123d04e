package dev.sluice.codec;

/** Makes the details of dead letters short and printable, for any input. */
public final class Details {

  /** A detail's greatest length, bytes of UTF-8. */
  static final int MAX_BYTES = 200;

  private static final int MAX_SHOWN_CHARS = 80;
  private static final String CUT = "…";
  private static final int CUT_BYTES = 3;

  private Details() {}

  /** The text in quotes, cut to 80 characters, everything unprintable escaped. */
  static String shown(String text) {
    boolean cut = text.length() > MAX_SHOWN_CHARS;
    String kept = cut ? text.substring(0, MAX_SHOWN_CHARS) : text;
    return '"' + printable(kept) + (cut ? CUT : "") + '"';
  }

  /** The text with everything unprintable escaped, cut to {@link #MAX_BYTES}. */
  public static String clipped(String text) {
    String printable = printable(text);
    int bytes = 0;
    int fits = 0;
    for (int i = 0; i < printable.length(); ) {
      int point = printable.codePointAt(i);
      i += Character.charCount(point);
      bytes += utf8Length(point);
      if (bytes > MAX_BYTES) {
        return printable.substring(0, fits) + CUT;
      }
      if (bytes <= MAX_BYTES - CUT_BYTES) {
        fits = i;
      }
    }
    return printable;
  }

  /** The text, or its first characters and a mark that there were more. */
  public static String cut(String text, int maxChars) {
    if (text.length() <= maxChars) {
      return text;
    }
    boolean amidPair = Character.isHighSurrogate(text.charAt(maxChars - 1));
    return text.substring(0, amidPair ? maxChars - 1 : maxChars) + CUT;
  }

  private static int utf8Length(int point) {
    if (point < 0x80) {
      return 1;
    }
    if (point < 0x800) {
      return 2;
    }
    return point < 0x10000 ? 3 : 4;
  }

  private static String printable(String text) {
    StringBuilder printable = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            point -> {
              if (isPrintable(point)) {
                printable.appendCodePoint(point);
              } else {
                printable.append("\\u{").append(Integer.toHexString(point)).append('}');
              }
            });
    return printable.toString();
  }

  private static boolean isPrintable(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
