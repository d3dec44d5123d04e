package dev.sluice.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignedHashTest {

  /** Test vectors of Murmur3 x86_32 as published with its implementations. */
  @ParameterizedTest
  @CsvSource({
    "'', 00000000, 00000000",
    "'', 00000001, 514E28B7",
    "'', FFFFFFFF, 81F16F39",
    "a, 9747B28C, 7FA09EA6",
    "aa, 9747B28C, 5D211726",
    "aaa, 9747B28C, 283E0130",
    "aaaa, 9747B28C, 5A97808A",
    "abc, 9747B28C, C84A62DD",
    "abcd, 9747B28C, F0478627",
    "'Hello, world!', 9747B28C, 24884CBA",
    "ππππππππ, 9747B28C, D58063C1",
    "The quick brown fox jumps over the lazy dog, 9747B28C, 2FA826CD",
    "test, 00000000, BA6BD213",
  })
  void publishedVectorsHold(String text, String seed, String expected) {
    int hash = SignedHash.murmur3(text, null, Integer.parseUnsignedInt(seed, 16));
    assertThat(hash).isEqualTo(Integer.parseUnsignedInt(expected, 16));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "LAS", "ü€", "😀", "x\uD83D", "\uDE00y", "\0"})
  void nameAndTextHashAsTheirJoin(String text) {
    assertThat(SignedHash.hash("origin", text)).isEqualTo(SignedHash.hash("origin=" + text, null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x\uD83D", "\uDE00y"})
  void unpairedSurrogateIsAQuestionMark(String text) {
    String replaced = text.replaceAll("[\uD83D\uDE00]", "?");
    assertThat(SignedHash.hash(text, null)).isEqualTo(SignedHash.hash(replaced, null));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -8, 3, 100, 1 << 21})
  void widthMustBeAPowerOfTwo(int width) {
    assertThatThrownBy(() -> new SignedHash(width))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("width (%s) must be a power of two", width);
  }

  @Test
  void slotsAndSignsAreSpreadAndIndependent() {
    SignedHash hashing = new SignedHash(64);
    int[][] counts = new int[2][64];
    for (int i = 0; i < 64_000; i++) {
      int hash = SignedHash.hash("feature-" + i, null);
      counts[SignedHash.sign(hash) > 0 ? 1 : 0][hashing.slot(hash)]++;
    }
    for (int[] bySign : counts) {
      for (int count : bySign) {
        assertThat(count).isBetween(400, 600);
      }
    }
  }
}
