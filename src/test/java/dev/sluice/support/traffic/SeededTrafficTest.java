package dev.sluice.support.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.ledger.ParsedEvent;
import dev.sluice.support.ledger.ParsedEvent.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeededTrafficTest {

  private static final int N = 20_000;

  @Test
  void sameSeedGivesTheSameEvents() {
    assertThat(events(7)).isEqualTo(events(7)).isNotEqualTo(events(8));
  }

  @Test
  void eventsAreWhatTheyClaim() {
    assertThat(events(1))
        .allSatisfy(
            event -> {
              ParsedEvent glance = ParsedEvent.at(event.valueBytes());
              assertThat(glance.shape())
                  .isEqualTo(event.isOutcome() ? Shape.OUTCOME : Shape.OBSERVATION);
              assertThat(glance.id()).isEqualTo(event.id());
              assertThat(glance.key()).isEqualTo(event.key());
            });
  }

  @Test
  void everyOutcomeHasItsObservationAndSomeComeFirst() {
    Set<String> observed = new HashSet<>();
    Set<String> early = new HashSet<>();
    int cameFirst = 0;
    Map<String, Integer> halves = new HashMap<>();
    for (SeededTraffic.Event event : events(1)) {
      halves.merge(event.id() + event.isOutcome(), 1, Integer::sum);
      if (!event.isOutcome()) {
        observed.add(event.id());
        early.remove(event.id());
      } else if (!observed.contains(event.id())) {
        early.add(event.id());
        cameFirst++;
      }
    }
    assertThat(early).as("outcomes whose observation never came").isEmpty();
    assertThat(halves.values()).as("times that each half was sent").containsOnly(1);
    assertThat(cameFirst).as("outcomes that came first").isBetween(500, 2_000);
  }

  @Test
  void bothLabelsAreCommon() {
    List<SeededTraffic.Event> events = events(1);
    long late = events.stream().filter(event -> event.json().contains("\"late\"")).count();
    long outcomes = events.stream().filter(SeededTraffic.Event::isOutcome).count();
    assertThat((double) late / outcomes).isBetween(0.25, 0.75);
  }

  private static List<SeededTraffic.Event> events(long seed) {
    SeededTraffic traffic = new SeededTraffic(seed, 50, TargetKind.LABELS);
    List<SeededTraffic.Event> events = new ArrayList<>();
    for (int i = 0; i < N; i++) {
      events.add(traffic.next());
    }
    for (Optional<SeededTraffic.Event> event = traffic.nextOutstanding();
        event.isPresent();
        event = traffic.nextOutstanding()) {
      events.add(event.get());
    }
    return events;
  }
}
