package dev.sluice.support.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the hostile traffic expects, seen at the decoder alone: as far as no state is needed. */
class HostileDecodingTest {

  private static final Set<String> STATEFUL =
      Set.of("duplicate-observation", "duplicate-outcome", "outcome-without-observation");

  @Test
  void decoderGivesTheExpectedReasonForLabels() {
    assertThat(surprises(TargetKind.LABELS, new EventDecoder(List.of("ontime", "late"), 1000)))
        .isEmpty();
  }

  @Test
  void decoderGivesTheExpectedReasonForValues() {
    assertThat(surprises(TargetKind.VALUES, new EventDecoder(List.of(), 1000))).isEmpty();
  }

  private static List<String> surprises(TargetKind goal, EventDecoder decoder) {
    List<String> surprises = new ArrayList<>();
    new HostileTraffic(5, 5_000, goal)
        .forEach(
            c -> {
              Event event =
                  decoder.decode(new RawRecord(new Origin("t", 0, 0), 0, c.key(), c.value()));
              String found =
                  event instanceof Malformed bad ? bad.reason().code() : HostileCase.GOOD;
              String expected = STATEFUL.contains(c.expected()) ? HostileCase.GOOD : c.expected();
              String surprise = "%s: %s, not %s".formatted(c.name(), found, expected);
              if (!found.equals(expected) && !surprises.contains(surprise)) {
                surprises.add(surprise);
              }
            });
    return surprises;
  }
}
