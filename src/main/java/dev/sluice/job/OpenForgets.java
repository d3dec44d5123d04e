package dev.sluice.job;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The commands to forget a key that are carried out for the job, but not yet for the key's own
 * state. There are none but in a replay (see {@link ControlHistory}): otherwise a key is forgotten
 * at once, when the command arrives.
 *
 * <h2>When a replay forgets a key</h2>
 *
 * <p>In the first run the command came between two events of its key. In a replay it comes before
 * the first of them, and those that were processed without it need what it deletes.
 *
 * <ul>
 *   <li>An event whose answer is committed <em>under a position beyond the command</em> was
 *       processed after it: the key is forgotten directly before.
 *   <li>One whose answer is committed under an earlier position came before it. So did the outcomes
 *       that waited and that the command itself has answered: their dead letters name the position
 *       before it ({@link #beforeOpen}), as does every other answer that is given to a waiting
 *       outcome while the command is open.
 *   <li>An event without a committed answer comes after all that have one, because a subtask
 *       commits its answers in their order, so the key is forgotten directly before it. With one
 *       exception: an outcome that finds nothing and waits has no answer yet. It came after the
 *       command if no event of its key follows it that came before the command; then it keeps
 *       waiting when the key is forgotten: it is <em>spared</em>.
 *   <li>When the sources have passed everything that was committed, no such event comes any more,
 *       and the keys that are left are forgotten before the next snapshot.
 * </ul>
 *
 * <p>What is open is stored with each snapshot, so a command that a key has followed is not
 * followed again after a restore in the middle of a replay. Keys of other subtasks are of no
 * concern here. Used by the task's thread.
 */
final class OpenForgets {

  private final TreeMap<String, Forgets> keys = new TreeMap<>();

  /** Of one key: the commands' offsets, and the ids of the outcomes that are spared. */
  private record Forgets(TreeSet<Long> offsets, Set<String> spared) {}

  /**
   * Takes what a snapshot holds.
   *
   * @param stored by {@link #stored()} of all subtasks
   * @param mine whether a key belongs to this subtask
   */
  void restore(Iterable<String[]> stored, Predicate<String> mine) {
    for (String[] one : stored) {
      if (mine.test(one[0])) {
        Forgets forgets = new Forgets(new TreeSet<>(), new HashSet<>());
        for (String offset : one[1].split(",", -1)) {
          forgets.offsets.add(Long.parseLong(offset));
        }
        forgets.spared.addAll(Arrays.asList(one).subList(2, one.length));
        keys.put(one[0], forgets);
      }
    }
  }

  /** For a snapshot; each is a key, its commands' offsets, and the ids of what is spared. */
  List<String[]> stored() {
    List<String[]> all = new ArrayList<>();
    for (Map.Entry<String, Forgets> key : keys.entrySet()) {
      List<String> one = new ArrayList<>();
      one.add(key.getKey());
      one.add(String.join(",", key.getValue().offsets.stream().map(String::valueOf).toList()));
      one.addAll(key.getValue().spared);
      all.add(one.toArray(String[]::new));
    }
    return all;
  }

  /** Whether every key has followed every command. */
  boolean isEmpty() {
    return keys.isEmpty();
  }

  /** The keys that have not. */
  List<String> keys() {
    return List.copyOf(keys.keySet());
  }

  /**
   * Takes a command that its key does not follow at once.
   *
   * @param offset the command's
   */
  void add(String key, long offset) {
    keys.computeIfAbsent(key, k -> new Forgets(new TreeSet<>(), new HashSet<>()))
        .offsets
        .add(offset);
  }

  /**
   * Takes note of an event, before it is processed.
   *
   * @param position of the commands under which it is processed
   * @param answered whether its answer is committed
   * @param waiting the id of an outcome that finds nothing and waits; null for every other event
   * @return whether the key must be forgotten first
   */
  boolean precede(String key, long position, boolean answered, @Nullable String waiting) {
    Forgets forgets = keys.get(key);
    if (forgets == null) {
      return false;
    }
    if (!answered && waiting != null) {
      forgets.spared.add(waiting);
      return false;
    }
    if (answered && position <= forgets.offsets.last()) {
      forgets.spared.clear(); // They came before this event, and so before a command.
    }
    return forgets.offsets.first() < position;
  }

  /** Whether an outcome keeps waiting when its key is forgotten. */
  boolean spares(String key, String id) {
    Forgets forgets = keys.get(key);
    return forgets != null && forgets.spared.contains(id);
  }

  /** A position that no open command of the key is below; at most the one given. */
  long beforeOpen(String key, long position) {
    Forgets forgets = keys.get(key);
    return forgets == null ? position : Math.min(position, forgets.offsets.first());
  }

  /** The key has been forgotten before an event under this position. */
  void followed(String key, long position) {
    Forgets forgets = keys.get(key);
    if (forgets != null) {
      forgets.offsets.headSet(position).clear();
      if (forgets.offsets.isEmpty()) {
        keys.remove(key);
      }
    }
  }
}
