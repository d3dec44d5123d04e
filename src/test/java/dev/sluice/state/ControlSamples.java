package dev.sluice.state;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.codec.CommandDecoder;
import dev.sluice.control.ControlState;
import dev.sluice.control.Pauses;
import dev.sluice.event.Answer.ControlReply;
import dev.sluice.event.ControlEcho;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import java.util.List;
import java.util.TreeMap;

/** The control formats' samples, as {@link Samples} are. */
final class ControlSamples {

  private static final Origin ORIGIN = new Origin("sluice.control", 0, 1L << 40);

  private ControlSamples() {}

  static ControlRecord[] controlRecords() {
    RawRecord raw = new RawRecord(ORIGIN, 978_307_261_000L, null, "{}".getBytes(UTF_8));
    return new ControlRecord[] {
      CommandDecoder.record(raw),
      CommandDecoder.record(raw).refused("no such file ±"),
      CommandDecoder.record(new RawRecord(ORIGIN, 0, new byte[0], null))
          .with(new byte[] {1, -1, 0}),
    };
  }

  static ControlState[] standingOrders() {
    TreeMap<String, Long> resets = new TreeMap<>();
    resets.put("LAS", 4L);
    resets.put("Zürich😀", 5L);
    ControlState orders =
        new ControlState(
            new Pauses(true, List.of()),
            new Pauses(false, List.of("LAS", "PHL")),
            "challenger",
            new ControlState.Numbers(5, 2, 3),
            resets);
    orders
        .answered()
        .remember(
            new ControlReply(
                ORIGIN,
                new ControlEcho("c-1", "pause", "scoring", "LAS", null, null),
                null,
                false));
    orders
        .answered()
        .remember(
            new ControlReply(
                ORIGIN,
                new ControlEcho("c-2", "promote", null, null, 2L, null),
                "no such file",
                false));
    return new ControlState[] {new ControlState(), orders};
  }
}
