package dev.sluice.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Features;
import dev.sluice.event.RawRecord;
import java.util.List;
import java.util.Objects;

/** Whatever the bytes are, they are decoded into an event that keeps what it promises. */
class EventDecoderFuzzTest {

  private static final EventDecoder LABELS = new EventDecoder(List.of("ontime", "late"), 8);
  private static final EventDecoder VALUES = new EventDecoder(List.of(), 8);

  @FuzzTest
  void decode(byte[] value) {
    byte[] before = value.clone();
    RawRecord raw = Records.record("LAS".getBytes(UTF_8), value);
    requireSound(LABELS, raw);
    requireSound(VALUES, raw);
    assertThat(value).isEqualTo(before);
  }

  private static void requireSound(EventDecoder decoder, RawRecord raw) {
    Event event = decoder.decode(raw);

    assertThat(event.raw()).isSameAs(raw);
    assertThat(decoder.decode(raw)).isEqualTo(event);
    assertThat(decoder.decodeStrictly(raw, Objects.requireNonNull(raw.value()))).isEqualTo(event);
    if (event instanceof Malformed malformed) {
      assertThat(malformed.detail()).isNotEmpty();
      assertThat(malformed.detail().getBytes(UTF_8)).hasSizeLessThanOrEqualTo(200);
    } else if (event instanceof Observation observation) {
      requireSound(observation.features());
    }
  }

  private static void requireSound(Features features) {
    assertThat(features.size()).isLessThanOrEqualTo(8);
    for (int i = 0; i < features.size(); i++) {
      assertThat(features.names()[i]).isNotEmpty();
      assertThat(Math.abs(features.numbers()[i])).isLessThanOrEqualTo(1e100);
      assertThat(i == 0 || features.names()[i - 1].compareTo(features.names()[i]) < 0).isTrue();
    }
  }
}
