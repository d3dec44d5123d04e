package dev.sluice.tool.training;

import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.Target;
import dev.sluice.ledger.OriginSet;
import dev.sluice.tool.training.AnswerReader.Joint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes that a job has evaluated, the newest of them, and which observation each of them
 * met. Owned by one thread.
 *
 * <p>An evaluation names its observation by key, id and time, and the outcome by its place in the
 * input. A prediction names the observation by its place. Where several predictions have the same
 * key, id and time, as of an observation that was sent again after its outcome, the outcome met the
 * last one before it that none had met, or, if it was early, the first one behind it: as in the
 * job, where one observation of a key and an id waits at most. The time for n of one name grows as
 * n log n.
 */
final class MetOutcomes {

  private static final Comparator<Origin> BY_PLACE =
      Comparator.comparing(Origin::topic)
          .thenComparingInt(Origin::partition)
          .thenComparingLong(Origin::offset);

  private static final Comparator<Met> OLDEST_FIRST =
      Comparator.comparingLong(Met::outcomeMs).thenComparing(Met::outcome, BY_PLACE);

  private final int limit;
  private final OriginSet answered = new OriginSet();
  private final PriorityQueue<Met> newest = new PriorityQueue<>(OLDEST_FIRST);
  private final Map<Joint, Group> groups = new HashMap<>();
  private long older;
  private int open;

  /** {@code limit}: how many are kept at most. */
  MetOutcomes(int limit) {
    this.limit = limit;
  }

  /**
   * An outcome that met its observation.
   *
   * @param joint names the observation
   * @param outcome its place in the input
   * @param outcomeMs its time, epoch milliseconds
   * @param writtenMs when the job wrote its evaluation, epoch milliseconds
   */
  record Met(Joint joint, Origin outcome, long outcomeMs, long writtenMs, Target target) {}

  /**
   * An observation that was predicted.
   *
   * @param observation its place in the input
   * @param writtenMs when the job wrote the prediction, epoch milliseconds
   * @param found what was looked up for it; null for nothing
   */
  record Predicted(Origin observation, long writtenMs, @Nullable Features found) {}

  /** An outcome and its observation. */
  record Pair(Met met, Predicted predicted) {}

  /** Those of one name; the predictions by the places of their observations. */
  private record Group(List<Met> met, NavigableMap<Origin, Predicted> predicted) {}

  /** Whether an answer is the first one to this outcome, as each of an exactly-once sink is. */
  boolean isFirst(Origin outcome) {
    boolean first = !answered.contains(outcome);
    answered.add(outcome);
    return first;
  }

  /** Takes an outcome; returns the one that is left out for it, null if there is room for all. */
  @Nullable Met add(Met met) {
    newest.add(met);
    if (newest.size() <= limit) {
      return null;
    }
    older++;
    return newest.remove();
  }

  /** How many are kept. */
  int size() {
    return newest.size();
  }

  /** How many were left out since they are older than all that are kept. */
  long older() {
    return older;
  }

  /** No more outcomes come, but predictions. */
  void close() {
    for (Met met : newest) {
      groups
          .computeIfAbsent(met.joint(), j -> new Group(new ArrayList<>(1), new TreeMap<>(BY_PLACE)))
          .met()
          .add(met);
    }
    open = newest.size();
  }

  /** Whether one of the outcomes met an observation of this name, and this one is not known yet. */
  boolean wants(Joint joint, Origin observation) {
    Group group = groups.get(joint);
    return group != null && !group.predicted.containsKey(observation);
  }

  /** Takes a prediction that is wanted. */
  void add(Joint joint, Predicted predicted) {
    Group group = groups.get(joint);
    if (group != null && group.predicted.putIfAbsent(predicted.observation(), predicted) == null) {
      open -= group.predicted.size() <= group.met.size() ? 1 : 0;
    }
  }

  /** How many outcomes have no prediction yet. */
  int open() {
    return open;
  }

  /** Every outcome that met an observation of which the prediction is known, oldest first. */
  List<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    for (Group group : groups.values()) {
      group.met.sort(Comparator.comparing(Met::outcome, BY_PLACE));
      NavigableMap<Origin, Predicted> left = new TreeMap<>(group.predicted);
      for (Met met : group.met) {
        if (!left.isEmpty()) {
          pairs.add(new Pair(met, take(left, met.outcome())));
        }
      }
    }
    pairs.sort(Comparator.comparing(Pair::met, OLDEST_FIRST));
    return pairs;
  }

  /** The last one in front of the outcome, or the first one of all. */
  private static Predicted take(NavigableMap<Origin, Predicted> left, Origin outcome) {
    Origin before = left.lowerKey(outcome);
    Origin at =
        before != null
                && before.topic().equals(outcome.topic())
                && before.partition() == outcome.partition()
            ? before
            : left.firstKey();
    return Objects.requireNonNull(left.remove(at));
  }
}
