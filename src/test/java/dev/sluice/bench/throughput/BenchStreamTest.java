package dev.sluice.bench.throughput;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bench.throughput.BenchOptions.FeatureKind;
import dev.sluice.bench.throughput.BenchOptions.Skew;
import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BenchStreamTest {

  private static final long FIRST_MS = 1_790_000_000_000L;

  private final EventDecoder decoder = new EventDecoder(List.of("ontime", "late"), 100);

  @ParameterizedTest
  @EnumSource(FeatureKind.class)
  void theDecoderTakesEveryEvent(FeatureKind features) {
    for (Event event : decoded(new BenchOptions.Stream(50_000, 100, Skew.UNIFORM, features))) {
      if (event instanceof Observation observation) {
        assertThat(observation.features().size())
            .isEqualTo(features == FeatureKind.FLIGHTS ? 6 : 16);
      } else {
        assertThat(event).isInstanceOf(Outcome.class);
      }
    }
  }

  @Test
  void anOutcomeComesTwentyThousandEventsLater() {
    List<Event> events =
        decoded(new BenchOptions.Stream(200_000, 100, Skew.UNIFORM, FeatureKind.FLIGHTS));
    Map<String, Integer> at = new HashMap<>();
    Map<Integer, Integer> distances = new HashMap<>();
    for (int i = 0; i < events.size(); i++) {
      if (events.get(i) instanceof Observation observation) {
        at.put(observation.key() + observation.id(), i);
      } else if (events.get(i) instanceof Outcome outcome) {
        Integer observed = at.remove(outcome.key() + outcome.id());
        assertThat(observed).as("%s comes behind its observation", outcome.id()).isNotNull();
        distances.merge(i - observed, 1, Integer::sum);
      }
    }
    assertThat(at).as("observations without an outcome").isEmpty();
    assertThat(distances.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow())
        .as("most frequent distance, but for the first pairs and the last")
        .satisfies(most -> assertThat(most.getValue()).isGreaterThanOrEqualTo(79_000))
        .satisfies(most -> assertThat(most.getKey()).isBetween(19_999, 20_001));
  }

  @Test
  void withZipfTheFirstKeyIsTwiceAsFrequentAsTheSecond() {
    Map<String, Integer> counts = new HashMap<>();
    for (Event event :
        decoded(new BenchOptions.Stream(100_000, 1_000, Skew.ZIPF, FeatureKind.NUMBERS16))) {
      if (event instanceof Observation observation) {
        counts.merge(observation.key(), 1, Integer::sum);
      }
    }
    assertThat(counts.getOrDefault("k-0", 0) / (double) counts.getOrDefault("k-1", 1))
        .isBetween(1.8, 2.2);
  }

  @Test
  void theSameSettingsGiveTheSameBytes() {
    BenchOptions.Stream shape =
        new BenchOptions.Stream(2_000, 10, Skew.UNIFORM, FeatureKind.FLIGHTS);
    BenchStream one = new BenchStream(shape, FIRST_MS);
    BenchStream other = new BenchStream(shape, FIRST_MS);
    while (one.hasNext()) {
      assertThat(one.next().value()).isEqualTo(other.next().value());
    }
    assertThat(other.hasNext()).isFalse();
  }

  @Test
  void aStreamOfEachKeyHasOneObservationAndOneOutcomeOfEach() {
    List<String> observed = new ArrayList<>();
    List<String> concluded = new ArrayList<>();
    for (Event event : decoded(BenchStream.ofEachKey(5_000, 15_000, FIRST_MS), 20_000)) {
      if (event instanceof Observation observation) {
        observed.add(observation.key());
      } else if (event instanceof Outcome outcome) {
        concluded.add(outcome.key());
      }
    }
    assertThat(observed).hasSize(10_000).doesNotHaveDuplicates().startsWith("k-5000");
    assertThat(concluded).isEqualTo(observed).endsWith("k-14999");
    BenchStream stream = BenchStream.ofEachKey(5_000, 15_000, FIRST_MS);
    while (stream.hasNext()) {
      assertThat(stream.next().timeMs()).isLessThanOrEqualTo(FIRST_MS);
    }
  }

  @Test
  void twoStreamsWithOtherFirstPairsShareNoId() {
    BenchStream one = BenchStream.ofAnyKey(10, 2_000, 0, FIRST_MS);
    BenchStream other = BenchStream.ofAnyKey(10, 2_000, 1_000, FIRST_MS);
    assertThat(one.next().pair()).isEqualTo(0);
    assertThat(new String(other.next().value(), ISO_8859_1)).contains("\"e-1000\"");
  }

  private List<Event> decoded(BenchOptions.Stream shape) {
    return decoded(new BenchStream(shape, FIRST_MS), shape.events());
  }

  private List<Event> decoded(BenchStream stream, long expected) {
    List<Event> events = new ArrayList<>();
    while (stream.hasNext()) {
      BenchStream.Item item = stream.next();
      events.add(
          decoder.decode(
              new RawRecord(
                  new Origin("events", 0, events.size()),
                  item.timeMs(),
                  item.key(),
                  item.value())));
    }
    assertThat(events).hasSize((int) expected);
    return events;
  }
}
