package dev.sluice.ledger;

import dev.sluice.event.Origin;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What committed answers say of the control commands: which of them were in effect when an input
 * was answered, and how each command was answered. With it a replay processes every input under the
 * commands under which it was processed first, in whatever order the two inputs arrive this time.
 * Mutable; belongs to one thread.
 *
 * <p>A <i>control position</i> is an offset of the control topic: the commands below it were in
 * effect. 0 is before the first command and is not stored, so a job without commands has an empty
 * journal.
 */
public final class AnswerJournal {

  private final TreeMap<Long, OriginSet> positions = new TreeMap<>();
  private final Map<Origin, byte[]> replies = new HashMap<>();

  /**
   * Notes under which commands an input was answered.
   *
   * @param position above 0
   */
  public void note(Origin input, long position) {
    positions.computeIfAbsent(position, p -> new OriginSet()).add(input);
  }

  /** Notes inputs that were answered under the same commands. */
  public void noteAll(OriginSet inputs, long position) {
    positions.computeIfAbsent(position, p -> new OriginSet()).addAll(inputs);
  }

  /**
   * Notes how a command was answered; the first answer counts.
   *
   * @param reply the answer's value; owned by the journal
   */
  public void noteReply(Origin command, byte[] reply) {
    replies.putIfAbsent(command, reply);
  }

  /** Adds what another journal holds. */
  public void addAll(AnswerJournal other) {
    other.positions.forEach((position, inputs) -> noteAll(inputs, position));
    other.replies.forEach(this::noteReply);
  }

  /** The position under which an input was answered; 0 if none is stored. */
  public long positionOf(Origin input) {
    for (Map.Entry<Long, OriginSet> e : positions.entrySet()) {
      if (e.getValue().contains(input)) {
        return e.getKey();
      }
    }
    return 0;
  }

  /** How a command was answered; null if that is not known. */
  public byte @Nullable [] replyTo(Origin command) {
    return replies.get(command);
  }

  /** The inputs by position; to be read, not changed. */
  public SortedMap<Long, OriginSet> positions() {
    return Collections.unmodifiableSortedMap(positions);
  }

  /** The answers by command; to be read, not changed. */
  public Map<Origin, byte[]> replies() {
    return Collections.unmodifiableMap(replies);
  }

  /** Whether it holds nothing. */
  public boolean isEmpty() {
    return positions.isEmpty() && replies.isEmpty();
  }

  /** Takes the least memory; worthwhile when no more is to be added soon. */
  public AnswerJournal compress() {
    positions.values().forEach(OriginSet::compress);
    return this;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AnswerJournal that
        && positions.equals(that.positions)
        && replies.keySet().equals(that.replies.keySet())
        && replies.entrySet().stream()
            .allMatch(e -> Arrays.equals(e.getValue(), that.replies.get(e.getKey())));
  }

  @Override
  public int hashCode() {
    return 31 * positions.keySet().hashCode() + replies.keySet().hashCode();
  }
}
