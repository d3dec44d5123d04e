package dev.sluice.support.ledger;

import dev.sluice.support.ledger.ParsedEvent.Shape;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The pure judge of the ledger law: takes down what went in and what came out, then names every
 * {@link Anomaly}. Keeps a digest of each record, not its bytes. Not thread-safe.
 */
final class LedgerBook {

  /**
   * An answer as an output topic holds it.
   *
   * @param kind the topic's kind
   * @param at the answer's position
   * @param origin its {@code sluice-origin} header, null if it has none
   * @param reason its {@code sluice-reason} header, null if it has none
   * @param key the record key
   * @param value the record value
   */
  record Answer(
      OutputKind kind,
      Place at,
      @Nullable String origin,
      @Nullable String reason,
      byte @Nullable [] key,
      byte @Nullable [] value) {}

  private record Input(ParsedEvent glance, ByteBuffer digest) {}

  private record Entry(
      OutputKind kind,
      Place at,
      @Nullable String origin,
      @Nullable String reason,
      ParsedEvent glance,
      ByteBuffer digest) {}

  private final Map<Place, Input> inputs = new LinkedHashMap<>();
  private final List<Entry> answers = new ArrayList<>();

  void input(Place place, byte @Nullable [] key, byte @Nullable [] value) {
    inputs.put(place, new Input(ParsedEvent.at(value), digest(key, value)));
  }

  void answer(Answer a) {
    answers.add(
        new Entry(
            a.kind, a.at, a.origin, a.reason, ParsedEvent.at(a.value), digest(a.key, a.value)));
  }

  /**
   * Judges everything taken down so far.
   *
   * @param held input records that the savepoint holds unanswered
   * @param below for each input partition the offset that the savepoint resumes from; a partition
   *     that is not named is judged to its end
   */
  Verdict judge(Set<Place> held, Map<TopicPartition, Long> below) {
    Verdict.Builder verdict = new Verdict.Builder();
    Map<Place, Place> answeredAt = new LinkedHashMap<>();
    for (Entry answer : answers) {
      verdict.count(answer.kind);
      Optional<Place> origin = Place.parse(answer.origin).filter(inputs::containsKey);
      if (origin.isEmpty()) {
        verdict.add(Anomaly.FOREIGN, "%s has the origin (%s)".formatted(answer.at, answer.origin));
        continue;
      }
      Place first = answeredAt.putIfAbsent(origin.get(), answer.at);
      if (first != null) {
        verdict.add(Anomaly.DUPLICATE, "%s at %s and %s".formatted(origin.get(), first, answer.at));
      }
      if (isAhead(origin.get(), below)) {
        verdict.add(Anomaly.AHEAD, "%s at %s".formatted(origin.get(), answer.at));
      }
      compare(origin.get(), answer, verdict);
    }
    inputs.keySet().stream()
        .filter(place -> !isAhead(place, below))
        .forEach(place -> settle(place, held.contains(place), answeredAt.get(place), verdict));
    return verdict.inputs(inputs.size()).build();
  }

  private static void settle(
      Place place, boolean held, @Nullable Place answer, Verdict.Builder verdict) {
    if (answer == null && !held) {
      verdict.add(Anomaly.GAP, place.toString());
    }
    if (answer != null && held) {
      verdict.add(Anomaly.DUPLICATE, "%s at %s and held in the savepoint".formatted(place, answer));
    }
  }

  private void compare(Place origin, Entry answer, Verdict.Builder verdict) {
    Input input = Objects.requireNonNull(inputs.get(origin));
    boolean fits =
        switch (answer.kind) {
          case PREDICTION, DEFERRAL -> input.glance.shape() == Shape.OBSERVATION;
          case EVALUATION -> input.glance.shape() == Shape.OUTCOME;
          case DEAD_LETTER -> answer.reason != null;
          case CONTROL_ANSWER -> input.glance.shape() == Shape.OTHER;
        };
    if (!fits) {
      verdict.add(
          Anomaly.WRONG_TOPIC, "%s, %s, at %s".formatted(origin, input.glance.shape(), answer.at));
    }
    if (answer.kind == OutputKind.DEAD_LETTER || answer.kind == OutputKind.DEFERRAL) {
      if (!input.digest.equals(answer.digest)) {
        verdict.add(Anomaly.CHANGED_BYTES, "%s at %s".formatted(origin, answer.at));
      }
    } else if (answer.kind != OutputKind.CONTROL_ANSWER
        && !sameEvent(input.glance, answer.glance)) {
      mixedUp(origin, input, answer, verdict);
    }
  }

  private static boolean sameEvent(ParsedEvent input, ParsedEvent answer) {
    return Objects.equals(input.id(), answer.id()) && Objects.equals(input.key(), answer.key());
  }

  private static void mixedUp(Place origin, Input input, Entry answer, Verdict.Builder verdict) {
    verdict.add(
        Anomaly.MIXED_UP,
        "%s is (%s, %s), its answer at %s (%s, %s)"
            .formatted(
                origin,
                input.glance.key(),
                input.glance.id(),
                answer.at,
                answer.glance.key(),
                answer.glance.id()));
  }

  private static boolean isAhead(Place place, Map<TopicPartition, Long> below) {
    return place.offset() >= below.getOrDefault(place.topicPartition(), Long.MAX_VALUE);
  }

  /** Distinguishes absent from empty, and a key's bytes from a value's. */
  private static ByteBuffer digest(byte @Nullable [] key, byte @Nullable [] value) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(ByteBuffer.allocate(4).putInt(key == null ? -1 : key.length).flip());
      if (key != null) {
        sha.update(key);
      }
      sha.update((byte) (value == null ? 0 : 1));
      if (value != null) {
        sha.update(value);
      }
      return ByteBuffer.wrap(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
