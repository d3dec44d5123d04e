package dev.sluice.fence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Origin;
import dev.sluice.ledger.Partition;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InputsTest {

  private final Inputs inputs =
      new Inputs(
          Map.of(new Partition("events", 0), 100L, new Partition("events", 1), 0L),
          Map.of(new Partition("events", 2), 5L, new Partition("left", 3), 7L));

  @ParameterizedTest
  @CsvSource({
    "events/0/99, true",
    "events/0/100, false", // not there yet
    "events/1/0, false",
    "events/2/3, false", // a partition that the topic does not have
    "events/2147483647/0, false",
    "left/3/9, true", // a topic that was read before, and still is
    "left/4/0, false",
    "nothing/0/0, false",
  })
  void onlyAnInputThatIsThereCanHaveBeenAnswered(String origin, boolean expected) {
    assertThat(inputs.contain(Origin.parse(origin))).isEqualTo(expected);
  }
}
