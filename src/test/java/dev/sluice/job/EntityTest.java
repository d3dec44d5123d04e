package dev.sluice.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Undecoded;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A record goes to the same task before and after it is decoded. */
class EntityTest {

  private final EventDecoder decoder = new EventDecoder(List.of("no", "yes"), 8);

  @ParameterizedTest
  @ValueSource(strings = {"LAS", "\u00e9", "\ud83d\ude00", "a b"})
  void aRecordHasTheEntityOfItsEvent(String key) {
    RawRecord raw = record(key.getBytes(UTF_8), key);

    Event event = decoder.decode(raw);

    assertThat(event).isNotInstanceOf(Malformed.class);
    assertThat(SluiceJob.entity(new Undecoded(raw))).isEqualTo(SluiceJob.entity(event));
    assertThat(SluiceJob.entity(event)).isEqualTo(key);
  }

  @ParameterizedTest
  @CsvSource({"LAS, PHL, LAS", "'', PHL, events/0/7", ", PHL, events/0/7", "LAS, '', LAS"})
  void aRecordThatIsRefusedKeepsItsOwn(@Nullable String recordKey, String key, String entity) {
    RawRecord raw = record(recordKey == null ? null : recordKey.getBytes(UTF_8), key);

    assertThat(decoder.decode(raw)).isInstanceOf(Malformed.class);
    assertThat(SluiceJob.entity(decoder.decode(raw))).isEqualTo(entity);
    assertThat(SluiceJob.entity(new Undecoded(raw))).isEqualTo(entity);
  }

  private static RawRecord record(byte @Nullable [] recordKey, String key) {
    String json =
        "{\"type\":\"outcome\",\"id\":\"a\",\"key\":\"%s\",\"time\":1,\"label\":\"no\"}"
            .formatted(key);
    return new RawRecord(new Origin("events", 0, 7), 1, recordKey, json.getBytes(UTF_8));
  }
}
