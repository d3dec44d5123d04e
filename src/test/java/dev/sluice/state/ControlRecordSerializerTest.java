package dev.sluice.state;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.codec.CommandDecoder;
import dev.sluice.event.Command;
import dev.sluice.event.Command.Part;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.DecodedCommand;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ControlRecordSerializerTest {

  private static final Origin ORIGIN = new Origin("sluice.control", 0, 7);

  @Test
  void aCommandThatIsReadIsDecoded() throws IOException {
    ControlRecord pause = record("{\"id\":\"1\",\"command\":\"pause\",\"part\":\"all\"}");

    assertThat(read(pause).decoded())
        .isInstanceOfSatisfying(
            DecodedCommand.Valid.class,
            valid -> assertThat(valid.command()).isEqualTo(new Command.Pause(Part.ALL, null)));
    assertThat(read(record("{")).decoded()).isInstanceOf(DecodedCommand.Invalid.class);
  }

  @Test
  void eachAlternativeComesBackAsItself() throws IOException {
    ControlRecord drop = record("{\"id\":\"1\",\"command\":\"drop\",\"version\":2}");
    for (ControlRecord record :
        new ControlRecord[] {drop, drop.refused("why"), drop.with(new byte[] {1, 2})}) {
      assertThat(read(record)).isEqualTo(record).hasSameClassAs(record);
    }
  }

  private static ControlRecord record(String json) {
    return CommandDecoder.record(new RawRecord(ORIGIN, 0, null, json.getBytes(UTF_8)));
  }

  private static ControlRecord read(ControlRecord record) throws IOException {
    ControlRecordSerializer serializer = new ControlRecordSerializer();
    return Bytes.read(serializer, Bytes.write(serializer, record));
  }
}
