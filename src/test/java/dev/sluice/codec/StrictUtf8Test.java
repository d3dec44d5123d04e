package dev.sluice.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StrictUtf8Test {

  private final CharsetDecoder library = UTF_8.newDecoder();
  private final CharBuffer chars = CharBuffer.allocate(64);

  @Test
  void agreesWithTheLibraryOnEverySequenceOfThreeBytes() {
    byte[] bytes = new byte[3];
    for (int sequence = 0x8000_00; sequence < 0x1000000; sequence++) {
      bytes[0] = (byte) (sequence >> 16);
      bytes[1] = (byte) (sequence >> 8);
      bytes[2] = (byte) sequence;
      if (StrictUtf8.firstInvalid(bytes) != libraryFirstInvalid(bytes)) {
        assertThat(StrictUtf8.firstInvalid(bytes))
            .as(Integer.toHexString(sequence))
            .isEqualTo(libraryFirstInvalid(bytes));
      }
    }
  }

  @Test
  void agreesWithTheLibraryOnTextsThatOneByteIsWrongIn() {
    Random random = new Random(5);
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = text(random).getBytes(UTF_8);
      if (random.nextBoolean()) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      assertThat(StrictUtf8.firstInvalid(bytes)).isEqualTo(libraryFirstInvalid(bytes));
    }
  }

  @Test
  void knowsTheBytesOfAText() {
    assertThat(StrictUtf8.encodes("LAS".getBytes(UTF_8), "LAS")).isTrue();
    assertThat(StrictUtf8.encodes("Zürich😀".getBytes(UTF_8), "Zürich😀")).isTrue();
    assertThat(StrictUtf8.encodes("LAX".getBytes(UTF_8), "LAS")).isFalse();
    assertThat(StrictUtf8.encodes("LA".getBytes(UTF_8), "LAS")).isFalse();
    assertThat(StrictUtf8.encodes("LASX".getBytes(UTF_8), "LAS")).isFalse();
    assertThat(StrictUtf8.encodes(new byte[] {(byte) 0xFC}, "ü")).isFalse();
    assertThat(StrictUtf8.encodes(new byte[0], "LAS")).isFalse();
  }

  @Test
  void findsLoneSurrogates() {
    assertThat(StrictUtf8.hasLoneSurrogate("a😀b")).isFalse();
    assertThat(StrictUtf8.hasLoneSurrogate("a\uD83D")).isTrue();
    assertThat(StrictUtf8.hasLoneSurrogate("\uD83Da")).isTrue();
    assertThat(StrictUtf8.hasLoneSurrogate("\uDE00\uD83D")).isTrue();
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      int bound = new int[] {0x80, 0x80, 0x80, 0x800, 0xD800, 0x110000}[random.nextInt(6)];
      int point = random.nextInt(bound);
      text.appendCodePoint(Character.isSurrogate((char) point) && point < 0x10000 ? 'x' : point);
    }
    return text.toString();
  }

  private int libraryFirstInvalid(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    chars.clear();
    CoderResult result = library.reset().decode(in, chars, true);
    return result.isError() ? in.position() : -1;
  }
}
