package dev.sluice.job;

import dev.sluice.event.Answer.ControlReply;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Origin;
import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.OriginSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Under which control commands each event is processed. Events and commands come by two inputs in
 * no order, so after a restore a command may come before an event that was processed without it, or
 * after one that was processed with it. If answers are committed beyond the snapshot, that must not
 * change what they say, nor what the models learn.
 *
 * <h2>Why a replay repeats the first run</h2>
 *
 * <p>Every answer carries the <i>control position</i> under which its input was processed: the
 * commands below this offset of the control topic were in effect in its subtask. Position and
 * answer are one record, so one can't be committed without the other. A restore gives the committed
 * ones to every subtask ({@link AheadAnswers}). Until the sources have passed them all, the history
 * keeps the model of every position from the snapshot's own on, and an event whose answer is
 * committed is processed by the model of its position.
 *
 * <ul>
 *   <li>A command that comes <i>early</i> makes a newer version and leaves the older ones alone.
 *   <li>A command that would come <i>late</i> is not waited for: before the first event the
 *       operator reads the commands up to the highest committed position from the control topic
 *       itself and carries them out ({@link #carryOut}). When they come by the input, they are only
 *       answered.
 *   <li>The answer to a command counts as well: its position is behind the command. A snapshot may
 *       have been taken between a command and the next event, and an event that another attempt
 *       answers later must not be processed without the command, or that snapshot would contradict
 *       it.
 *   <li>An event whose answer is not committed was answered by an attempt that left no trace. It is
 *       processed by the newest version. Each subtask commits its answers in their order, so no
 *       event of a key whose answer is committed comes after it, unless a transaction was lost.
 *   <li>Every event that changes a model has an answer, given at once, in the transaction of the
 *       subtask that owns its key; an outcome that waits for its observation changes nothing until
 *       that comes, and is then processed with it. So for each key the events and the commands
 *       between them are those of the first run, in the same order, and the models are the same bit
 *       for bit. Rescaling does not matter: positions belong to inputs, not to subtasks.
 *   <li>A command to forget a key deletes what earlier events need: {@link OpenForgets} holds it
 *       back until none of them can come.
 * </ul>
 *
 * <p>A snapshot that is taken meanwhile stores the oldest version and the commands since, so a
 * restore from it has the same versions again; the positions are in the fence's state.
 *
 * <h2>What it can't do</h2>
 *
 * <p>A snapshot of a release that knew no positions has none: commands that come early are held
 * apart from it, those that come late are not. This also applies when the control topic is another
 * one than before. Where a transaction was lost between two that were committed, its inputs are
 * processed by the newest version. All fields belong to the task's thread.
 */
final class ControlHistory {

  /** The position of a snapshot that does not contain it. */
  static final long UNKNOWN = -1;

  /**
   * A model and the commands that made it.
   *
   * @param position of the control topic: the commands below it are carried out
   */
  record Version(long position, ControlledModel model) {}

  /**
   * What a snapshot stores.
   *
   * @param base the oldest version that may be needed
   * @param since the commands after it, in their order; none unless a replay is under way
   */
  record Stored(Version base, List<ControlRecord> since) {}

  private final String topic;

  /** Those that committed answers name, by position; without the base. */
  private final Map<Long, Version> versions = new HashMap<>();

  private final List<ControlRecord> since = new ArrayList<>();

  private Version base;
  private Version newest;
  private @Nullable AheadAnswers ahead;

  /**
   * A history that begins with one version.
   *
   * @param position of the control topic, {@link #UNKNOWN} if the snapshot does not contain it
   * @param topic the control topic; a position says nothing of commands in another one, which the
   *     source reads on with if the setting was changed
   */
  ControlHistory(ControlledModel model, long position, String topic) {
    this.topic = topic;
    base = new Version(position, model);
    newest = base;
  }

  /** The highest position that committed answers name; 0 for none. */
  static long committedPosition(AheadAnswers ahead) {
    SortedMap<Long, OriginSet> positions = ahead.journal().positions();
    return positions.isEmpty() ? 0 : positions.lastKey();
  }

  /** The version after all commands so far; for any thread, which may see that of a moment ago. */
  Version newest() {
    return newest;
  }

  /** Whether answers are committed that the sources have not passed yet. */
  boolean isReplaying() {
    return ahead != null;
  }

  /**
   * Begins a replay; to be called before the first event.
   *
   * @param committed what is committed beyond the snapshot; read, never changed
   */
  void beginReplay(AheadAnswers committed) {
    ahead = committed;
  }

  /** Ends the replay: the sources have passed everything that was committed beyond the snapshot. */
  void endReplay() {
    ahead = null;
    versions.clear();
    since.clear();
    base = newest;
  }

  /** The version by which an event is processed. */
  Version at(Origin event) {
    if (ahead == null || !ahead.origins().contains(event)) {
      return newest;
    }
    return versions.getOrDefault(ahead.journal().positionOf(event), base);
  }

  /** Whether the answer to an event is committed, so that it is processed a second time. */
  boolean isAnswered(Origin event) {
    return ahead != null && ahead.origins().contains(event);
  }

  /** Whether a command is carried out already. */
  boolean knows(ControlRecord record) {
    Origin origin = record.raw().origin();
    return origin.topic().equals(topic) && origin.offset() < newest.position();
  }

  /**
   * Takes a command from the input: carries it out, unless that is done already; either way this is
   * its answer.
   */
  ControlReply obey(ControlRecord record) {
    return knows(record) ? newest.model().answerAgain(record) : carryOut(record);
  }

  /** Carries out the next command; its answer. */
  ControlReply carryOut(ControlRecord record) {
    ControlledModel model = newest.model();
    if (ahead != null) {
      boolean first = since.isEmpty();
      since.add(record);
      if (first) {
        model = model.copy(); // the base is stored
      } else if (versions.containsKey(newest.position())) {
        model = model.next();
      }
    }
    ControlReply reply = model.obey(record);
    Origin origin = record.raw().origin();
    boolean counts = origin.topic().equals(topic);
    newest = new Version(counts ? origin.offset() + 1 : newest.position(), model);
    if (ahead == null) {
      base = newest;
    } else if (ahead.journal().positions().containsKey(newest.position())) {
      versions.put(newest.position(), newest);
    }
    return reply;
  }

  /** What a snapshot stores. */
  Stored stored() {
    return new Stored(base, List.copyOf(since));
  }
}
