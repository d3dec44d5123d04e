package dev.sluice.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.jspecify.annotations.Nullable;

/**
 * Keeps the texts that came last, so that names and categories that come again and again are made
 * once. Bounded: a text takes the place of the one before it that has the same hash.
 */
final class TextTable {

  private static final int PLACES = 1 << 10;

  /** Longer texts are not kept. */
  private static final int MAX_KEPT = 32;

  private final @Nullable String[] kept = new String[PLACES];

  /** The text of ASCII bytes. */
  String of(byte[] ascii, int from, int to) {
    int length = to - from;
    if (length > MAX_KEPT) {
      return new String(ascii, from, length, ISO_8859_1);
    }
    int hash = length;
    for (int i = from; i < to; i++) {
      hash = hash * 31 + ascii[i];
    }
    int place = (hash ^ (hash >>> 10)) & (PLACES - 1);
    String known = kept[place];
    if (known == null || !equal(known, ascii, from, length)) {
      known = new String(ascii, from, length, ISO_8859_1);
      kept[place] = known;
    }
    return known;
  }

  private static boolean equal(String text, byte[] ascii, int from, int length) {
    if (text.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (text.charAt(i) != ascii[from + i]) {
        return false;
      }
    }
    return true;
  }
}
