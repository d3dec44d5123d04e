package dev.sluice.support.cluster;

import dev.sluice.support.ledger.Place;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a savepoint holds for its keys.
 *
 * @param states for each key everything that the job remembers of it, in hexadecimal: equal texts
 *     mean equal bits
 * @param held input records that wait unanswered
 */
public record SavedKeys(Map<String, String> states, Set<Place> held) {

  /** The keys whose state is not the same, bit for bit, or is there on one side only. */
  public List<String> differences(SavedKeys other) {
    return Stream.concat(states.keySet().stream(), other.states.keySet().stream())
        .distinct()
        .filter(key -> !Objects.equals(states.get(key), other.states.get(key)))
        .toList();
  }
}
