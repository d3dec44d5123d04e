package dev.sluice.tool.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightEventsTest {

  private static final String[] AIRPORTS = {"ATL", "LAX", "ORD", "PHL", "SEA"};

  @TempDir Path folder;

  @Test
  void eventsComeInTheOrderOfTheirTimeAndLandingsBeforeDepartures() {
    List<FlightEvent> events = all(flights(2_000), 0, 2_000);
    assertThat(events).hasSize(4_000);
    for (int i = 1; i < events.size(); i++) {
      FlightEvent before = events.get(i - 1);
      FlightEvent after = events.get(i);
      assertThat(after.timeMs()).isGreaterThanOrEqualTo(before.timeMs());
      if (after.timeMs() == before.timeMs()) {
        assertThat(!before.landed() && after.landed()).as("%s before %s", before, after).isFalse();
      }
    }
  }

  @Test
  void everyDepartureIsFollowedByItsLandingAtItsTime() {
    Set<String> inTheAir = new HashSet<>();
    for (FlightEvent event : all(flights(500), 0, 500)) {
      if (event.landed()) {
        assertThat(inTheAir.remove(event.id())).isTrue();
        assertThat(event.timeMs() - event.flight().departureMs())
            .isEqualTo(30 * 60_000L + Math.round(event.flight().distanceMiles() / 7.5 * 60_000));
      } else {
        assertThat(inTheAir.add(event.id())).isTrue();
      }
    }
    assertThat(inTheAir).isEmpty();
  }

  @Test
  void noFeatureKnowsALabelThatHasNotLanded() {
    List<Flight> flights = flights(1_000);
    List<FlightEvent> truth = all(flights, 0, 1_000);
    for (FlightEvent departure : truth) {
      if (departure.landed() || departure.flight().row() % 97 != 0) {
        continue;
      }
      long now = departure.timeMs();
      // Turn every label that is unknown by now into its opposite: the features must not move.
      List<Flight> otherwise =
          flights.stream().map(f -> f.landingMs() > now ? opposite(f) : f).toList();
      FlightEvent same =
          all(otherwise, 0, 1_000).stream()
              .filter(e -> !e.landed() && e.id().equals(departure.id()))
              .findFirst()
              .orElseThrow();
      assertThat(same.json()).isEqualTo(departure.json());
    }
  }

  @Test
  void latenessCountsTheLandingsThatCameBeforeAtBothEnds() {
    Map<String, Double> expected = new HashMap<>();
    for (FlightEvent event : all(flights(1_000), 0, 1_000)) {
      Flight flight = event.flight();
      if (event.landed()) {
        for (String end : List.of(flight.origin(), flight.destination())) {
          expected.merge(
              end,
              0.2 + .05 * ((flight.late() ? 1 : 0) - 0.2),
              (old, first) -> old + .05 * ((flight.late() ? 1 : 0) - old));
        }
      } else {
        assertThat(event.originLateness()).isEqualTo(expected.getOrDefault(flight.origin(), 0.2));
        assertThat(event.destinationLateness())
            .isEqualTo(expected.getOrDefault(flight.destination(), 0.2));
      }
    }
  }

  @Test
  void theEventsOfARowAreTheSameWhereverTheSequenceBegins() {
    List<String> whole = new ArrayList<>();
    for (FlightEvent event : all(flights(1_000), 0, 1_000)) {
      if (event.flight().row() >= 400) {
        whole.add(text(event));
      }
    }
    assertThat(all(flights(1_000), 400, 1_000)).extracting(FlightEventsTest::text).isEqualTo(whole);
  }

  @Test
  void rowsFromTheEndOnAreNotReadButTheFlightsInTheAirLand() {
    Iterator<Flight> flights = flights(1_000).iterator();
    FlightEvents events = new FlightEvents(flights, 0, 10);
    List<FlightEvent> seen = new ArrayList<>();
    events.forEachRemaining(seen::add);
    assertThat(seen).hasSize(20).allMatch(e -> e.flight().row() < 10);
    assertThat(flights.next().row()).isEqualTo(11);
  }

  @Test
  void theJsonIsTheContracts() throws IOException {
    Path file = folder.resolve("flights.csv");
    Files.writeString(
        file, Flights.HEADER + "\n2001-01-01T00:01,33,2176,LAS,PHL\n", StandardCharsets.UTF_8);
    try (Flights flights = Flights.open(file)) {
      FlightEvents events = new FlightEvents(flights, 0, Integer.MAX_VALUE);
      assertThat(text(events.next()))
          .isEqualTo(
              "{\"type\":\"observation\",\"id\":\"f-0\",\"key\":\"LAS\","
                  + "\"time\":\"2001-01-01T00:01:00Z\",\"features\":{\"hour\":\"00\",\"dow\":\"1\","
                  + "\"logDistance\":1.288314,\"destination\":\"PHL\","
                  + "\"originLateness\":0.2,\"destinationLateness\":0.2}}");
      assertThat(text(events.next()))
          .isEqualTo(
              "{\"type\":\"outcome\",\"id\":\"f-0\",\"key\":\"LAS\","
                  + "\"time\":\"2001-01-01T05:21:08Z\",\"label\":\"late\"}");
      assertThat(events.hasNext()).isFalse();
    }
  }

  @Test
  void aRowThatIsNoFlightIsNamed() throws IOException {
    Path file = folder.resolve("flights.csv");
    Files.writeString(
        file,
        Flights.HEADER + "\n2001-01-01T00:01,33,2176,LAS,PHL\n2001-01-01T00:02,x,9,LAS,PHL\n",
        StandardCharsets.UTF_8);
    try (Flights flights = Flights.open(file)) {
      assertThatThrownBy(flights::next)
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("row 1 is not a flight: (2001-01-01T00:02,x,9,LAS,PHL)");
    }
  }

  @Test
  void aFileOfSomethingElseIsRefused() throws IOException {
    Path file = folder.resolve("other.csv");
    Files.writeString(file, "a,b\n1,2\n", StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Flights.open(file)).hasMessageContaining("but is (a,b)");
  }

  static List<Flight> flights(int count) {
    Random random = new Random(7);
    List<Flight> flights = new ArrayList<>();
    long time = 978_307_260_000L;
    for (int row = 0; row < count; row++) {
      int from = random.nextInt(AIRPORTS.length);
      int to = (from + 1 + random.nextInt(AIRPORTS.length - 1)) % AIRPORTS.length;
      time += 60_000L * random.nextInt(3);
      flights.add(
          new Flight(
              row,
              time,
              random.nextInt(60) - 20,
              50 + random.nextInt(2_500),
              AIRPORTS[from],
              AIRPORTS[to]));
    }
    return flights;
  }

  static List<FlightEvent> all(List<Flight> flights, int fromRow, int toRow) {
    List<FlightEvent> events = new ArrayList<>();
    new FlightEvents(flights.iterator(), fromRow, toRow).forEachRemaining(events::add);
    return events;
  }

  private static Flight opposite(Flight flight) {
    return new Flight(
        flight.row(),
        flight.departureMs(),
        flight.late() ? 0 : 60,
        flight.distanceMiles(),
        flight.origin(),
        flight.destination());
  }

  private static String text(FlightEvent event) {
    return new String(event.json(), StandardCharsets.UTF_8);
  }
}
