package dev.sluice.control;

import dev.sluice.event.Answer.ControlReply;
import dev.sluice.event.Command.Part;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The combined effect of all commands so far. Every task holds the same, because every task gets
 * the same commands in the same order. Mutable; used by one thread.
 *
 * <p>A command that changes models does not touch them: there may be millions, and most are not in
 * memory. It takes the next number instead, its <em>generation</em>. A model knows the last
 * generation that it has followed, and follows newer ones directly before its key's next event. So
 * what a key's model becomes depends on its events and on the commands before each of them only.
 */
public final class ControlState {

  private final Pauses learning;
  private final Pauses scoring;
  private @Nullable String policy;
  private final Answered answered;
  private Numbers numbers;
  private final TreeMap<String, Long> keyResets;

  /**
   * The numbers of commands that change models; 0 is before the first.
   *
   * @param last the last one taken
   * @param everyKeyReset the last that reset every challenger
   * @param promoted the last that changed the champion
   */
  public record Numbers(long last, long everyKeyReset, long promoted) {}

  /**
   * The answers to the last commands by id, so that a command that is sent again is answered again
   * and not carried out again. The oldest is forgotten first.
   */
  public static final class Answered {

    /** Commands that are remembered. */
    public static final int MAX = 10_000;

    private final LinkedHashMap<String, ControlReply> byId = new LinkedHashMap<>();

    /** The first answer to this id, null if none is remembered. */
    public @Nullable ControlReply to(@Nullable String id) {
      return id == null ? null : byId.get(id);
    }

    /** Remembers an answer; one without an id can't be. */
    public void remember(ControlReply reply) {
      String id = reply.echo().id();
      if (id != null && byId.putIfAbsent(id, reply) == null && byId.size() > MAX) {
        byId.remove(byId.keySet().iterator().next());
      }
    }

    /** All of them, the oldest first. */
    public List<ControlReply> all() {
      return new ArrayList<>(byId.values());
    }
  }

  /** Before the first command. */
  public ControlState() {
    this(new Pauses(), new Pauses(), null, new Numbers(0, 0, 0), Collections.emptySortedMap());
  }

  /**
   * As they were stored; the answers follow one by one.
   *
   * @param policy null as long as that of the settings holds
   * @param keyResets the last reset of each key that was reset by name since every key was; copied
   */
  public ControlState(
      Pauses learning,
      Pauses scoring,
      @Nullable String policy,
      Numbers numbers,
      SortedMap<String, Long> keyResets) {
    this(learning, scoring, policy, numbers, keyResets, new Answered());
  }

  private ControlState(
      Pauses learning,
      Pauses scoring,
      @Nullable String policy,
      Numbers numbers,
      SortedMap<String, Long> keyResets,
      Answered answered) {
    this.answered = answered;
    this.learning = learning;
    this.scoring = scoring;
    this.policy = policy;
    this.numbers = numbers;
    this.keyResets = new TreeMap<>(keyResets);
  }

  /** Whose learning is paused. */
  public Pauses learning() {
    return learning;
  }

  /** Whose scoring is paused. */
  public Pauses scoring() {
    return scoring;
  }

  /** The serving policy that was commanded, null as long as that of the settings holds. */
  public @Nullable String policy() {
    return policy;
  }

  /** The answers that were given. */
  public Answered answered() {
    return answered;
  }

  /** The numbers that models follow. */
  public Numbers numbers() {
    return numbers;
  }

  /** The last reset of each key that was reset by name since every key was. */
  public SortedMap<String, Long> keyResets() {
    return Collections.unmodifiableSortedMap(keyResets);
  }

  /** The number of the last command that reset this key's challenger. */
  public long resetOf(String key) {
    long everyKey = numbers.everyKeyReset();
    return keyResets.isEmpty() ? everyKey : Math.max(everyKey, keyResets.getOrDefault(key, 0L));
  }

  /** The number of the last command that changed this key's challenger or champion. */
  public long generationOf(String key) {
    return Math.max(resetOf(key), numbers.promoted());
  }

  /**
   * Pauses a part.
   *
   * @return why it can't, null when it is done
   */
  public @Nullable String pause(Part part, @Nullable String key) {
    String refusal = part == Part.SCORING ? null : learning.refusal(key);
    if (refusal == null && part != Part.LEARNING) {
      refusal = scoring.refusal(key);
    }
    if (refusal == null && part != Part.SCORING) {
      learning.pause(key);
    }
    if (refusal == null && part != Part.LEARNING) {
      scoring.pause(key);
    }
    return refusal;
  }

  /** Resumes a part. */
  public void resume(Part part, @Nullable String key) {
    if (part != Part.SCORING) {
      learning.resume(key);
    }
    if (part != Part.LEARNING) {
      scoring.resume(key);
    }
  }

  /** Serves by another policy from now on. */
  public void serve(String newPolicy) {
    policy = newPolicy;
  }

  /**
   * Resets challengers.
   *
   * @return why they can't, null when it is done
   */
  public @Nullable String reset(@Nullable String key) {
    Numbers before = numbers;
    long next = before.last() + 1;
    if (key == null) {
      numbers = new Numbers(next, next, before.promoted());
      keyResets.clear();
      return null;
    }
    if (keyResets.size() >= Pauses.MAX_KEYS && !keyResets.containsKey(key)) {
      return "%s keys were reset by name, which is the limit; reset every key instead"
          .formatted(Pauses.MAX_KEYS);
    }
    numbers = new Numbers(next, before.everyKeyReset(), before.promoted());
    keyResets.put(key, next);
    return null;
  }

  /**
   * Notes that another champion has come.
   *
   * @param reseed whether every challenger is reset, too
   */
  public void promoted(boolean reseed) {
    if (reseed) {
      reset(null);
    }
    Numbers before = numbers;
    long next = before.last() + 1;
    numbers = new Numbers(next, before.everyKeyReset(), next);
  }

  /**
   * A copy that shares the answers with this one, which takes no command any more: they may be
   * many.
   */
  public ControlState next() {
    return new ControlState(
        learning.copy(), scoring.copy(), policy, numbers(), keyResets, answered);
  }

  /** An independent copy. */
  public ControlState copy() {
    ControlState copy =
        new ControlState(learning.copy(), scoring.copy(), policy, numbers(), keyResets);
    answered.all().forEach(copy.answered::remember);
    return copy;
  }
}
