package dev.sluice.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IsoTimeTest {

  @Test
  void agreesWithTheLibrary() {
    Random random = new Random(23);
    long min = Instant.parse("0002-01-01T00:00:00Z").toEpochMilli();
    long max = Instant.parse("9998-12-31T23:59:59.999Z").toEpochMilli();
    for (int i = 0; i < 20_000; i++) {
      Instant instant = Instant.ofEpochMilli(random.nextLong(min, max));
      ZoneOffset offset = ZoneOffset.ofTotalSeconds(60 * random.nextInt(-1080, 1081));
      String text = OffsetDateTime.ofInstant(instant, offset).toString();
      assertThat(parse(text)).as(text).isEqualTo(instant.toEpochMilli());
    }
  }

  @Test
  void everyDayOfFourCenturiesIsRight() {
    for (long day = -146_097; day < 146_097; day++) {
      Instant instant = Instant.ofEpochSecond(day * 86_400);
      assertThat(parse(instant.toString())).isEqualTo(instant.toEpochMilli());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z"})
  void theEndsOfTheRangeAreIn(String text) {
    assertThat(parse(text)).isEqualTo(Instant.parse(text).toEpochMilli());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Z",
        "2001-01-01",
        "2001-01-01T00:00:00",
        "2001-01-01T00Z",
        "2001-01-01 00:00Z",
        "2001-01-01t00:00Z",
        "2001-01-01T00:00z",
        "2001-1-01T00:00:00Z",
        "2001-13-01T00:00Z",
        "2001-00-01T00:00Z",
        "2001-04-31T00:00Z",
        "1900-02-29T00:00Z",
        "2001-01-01T24:00Z",
        "2001-01-01T00:60Z",
        "2001-01-01T00:00:60Z",
        "2001-01-01T00:00:00.Z",
        "2001-01-01T00:00:00,5Z",
        "2001-01-01T00:00:00.1234567890Z",
        "2001-01-01T00:00:0Z",
        "2001-01-01T00:00:Z",
        "2001-01-01T00:00+0100",
        "2001-01-01T00:00+01",
        "2001-01-01T00:00+18:01",
        "2001-01-01T00:00+01:60",
        "2001-01-01T00:00 01:00",
        "2001-01-01T00:00:00Z[UTC]",
        "+2001-01-01T00:00:00Z",
        "0000-12-31T23:59:59Z",
        "0001-01-01T00:00+00:01",
        "9999-12-31T23:59-00:01",
        "２００１-01-01T00:00:00Z",
      })
  void anythingElseIsInvalid(String text) {
    assertThat(parse(text)).isEqualTo(IsoTime.INVALID);
  }

  private static long parse(String text) {
    char[] buffer = ("#" + text + "#").toCharArray();
    return IsoTime.parseMs(buffer, 1, text.length());
  }
}
