package dev.sluice.features;

import org.jspecify.annotations.Nullable;

/**
 * Maps a column's name to a slot and a sign: the signed hashing trick (Weinberger et al. 2009). The
 * hash is Murmur3 x86_32 (Appleby 2011) over the name's UTF-8 bytes with a fixed seed, so a name
 * has the same slot on every machine and in every run.
 */
final class SignedHash {

  /** Part of the meaning of every stored model: never changed. */
  static final int SEED = 0x51_01_CE_01;

  private static final int MAX_WIDTH = 1 << 20;

  private final int mask;

  /**
   * @param width how many slots
   * @throws IllegalArgumentException if {@code width} is not a power of two up to 2^20
   */
  SignedHash(int width) {
    if (width < 1 || width > MAX_WIDTH || Integer.bitCount(width) != 1) {
      throw new IllegalArgumentException(
          "width (%s) must be a power of two, at most %s".formatted(width, MAX_WIDTH));
    }
    this.mask = width - 1;
  }

  /** The hash of {@code name}, or of {@code name=text} if there is a text; nothing is joined. */
  static int hash(String name, @Nullable String text) {
    return murmur3(name, text, SEED);
  }

  /** The slot of a {@link #hash}: its low bits. */
  int slot(int hash) {
    return hash & mask;
  }

  /** The sign of a {@link #hash}, 1 or -1: its highest bit, which no slot uses. */
  static double sign(int hash) {
    return hash < 0 ? -1.0 : 1.0;
  }

  static int murmur3(String name, @Nullable String text, int seed) {
    Murmur3 hash = new Murmur3(seed);
    utf8(name, hash);
    if (text != null) {
      hash.add('=');
      utf8(text, hash);
    }
    return hash.finish();
  }

  /** Feeds a string's UTF-8 bytes; an unpaired surrogate counts as '?', as in String.getBytes. */
  private static void utf8(String text, Murmur3 hash) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        hash.add(c);
      } else if (c < 0x800) {
        hash.add(0xC0 | (c >> 6));
        hash.add(0x80 | (c & 0x3F));
      } else if (!Character.isSurrogate(c)) {
        hash.add(0xE0 | (c >> 12));
        hash.add(0x80 | ((c >> 6) & 0x3F));
        hash.add(0x80 | (c & 0x3F));
      } else if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
        int point = Character.toCodePoint(c, text.charAt(i));
        hash.add(0xF0 | (point >> 18));
        hash.add(0x80 | ((point >> 12) & 0x3F));
        hash.add(0x80 | ((point >> 6) & 0x3F));
        hash.add(0x80 | (point & 0x3F));
      } else {
        hash.add('?');
      }
    }
  }

  /** Murmur3 x86_32, a byte at a time. */
  private static final class Murmur3 {

    private int hash;
    private int block;
    private int length;

    Murmur3(int seed) {
      this.hash = seed;
    }

    void add(int octet) {
      block |= octet << (8 * (length & 3));
      length++;
      if ((length & 3) == 0) {
        hash = Integer.rotateLeft(hash ^ mixed(block), 13) * 5 + 0xE6546B64;
        block = 0;
      }
    }

    int finish() {
      int h = hash ^ mixed(block) ^ length;
      h = (h ^ (h >>> 16)) * 0x85EBCA6B;
      h = (h ^ (h >>> 13)) * 0xC2B2AE35;
      return h ^ (h >>> 16);
    }

    private static int mixed(int block) {
      return Integer.rotateLeft(block * 0xCC9E2D51, 15) * 0x1B873593;
    }
  }
}
