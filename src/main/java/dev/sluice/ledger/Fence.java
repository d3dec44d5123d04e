package dev.sluice.ledger;

import dev.sluice.event.Origin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One subtask's fence: decides for each answer whether it is passed on, and remembers what was.
 * Used by the task's thread.
 */
public final class Fence {

  private final OriginSet ahead;
  private final boolean tracking;
  private final TreeMap<Long, OriginSet> open = new TreeMap<>();
  private final Map<String, List<@Nullable Track>> tracks = new HashMap<>();

  private OriginSet current = new OriginSet();
  private long settledId;
  private long suppressed;

  /** What is known of one input partition. */
  private static final class Track {
    final long highestAhead;
    long highest = -1;

    Track(long highestAhead) {
      this.highestAhead = highestAhead;
    }
  }

  /**
   * A fence at a start, or at a restore that continues with what its predecessors had seen.
   *
   * @param settledId the snapshot that was restored, 0 for none
   * @param ahead origins that are committed already; read, never changed
   * @param tracking whether to remember what is passed on
   * @param passed as the snapshot's notes say, merged; without it a snapshot that is taken before
   *     the first answers lets {@link Verdict#replayed} count too much
   */
  public Fence(long settledId, OriginSet ahead, boolean tracking, Map<Partition, Long> passed) {
    this.settledId = settledId;
    this.ahead = ahead;
    this.tracking = tracking;
    ahead.highest().forEach((p, offset) -> track(p.topic(), p.partition(), offset));
    passed.forEach((p, offset) -> track(p.topic(), p.partition(), -1).highest = offset);
  }

  /**
   * Whether an answer is to be written. One whose origin is answered already is not: the first
   * committed answer counts.
   */
  public boolean passes(Origin origin) {
    Track track = track(origin.topic(), origin.partition(), -1);
    long offset = origin.offset();
    if (offset > track.highest) {
      track.highest = offset;
    }
    if (offset <= track.highestAhead && ahead.contains(origin)) {
      suppressed++;
      return false;
    }
    if (tracking) {
      current.add(origin);
    }
    return true;
  }

  /**
   * Ends the interval.
   *
   * @param checkpointId the snapshot that ends it
   * @return every interval whose transaction may still be open, this one included
   */
  public List<OpenInterval> snapshot(long checkpointId) {
    if (!current.isEmpty()) {
      open.put(checkpointId, current.compress());
      current = new OriginSet();
    }
    List<OpenInterval> intervals = new ArrayList<>();
    open.forEach((id, answered) -> intervals.add(new OpenInterval(id, answered)));
    return intervals;
  }

  /** A snapshot is complete, and what its intervals and all before passed on is committed. */
  public void settled(long checkpointId) {
    open.headMap(checkpointId, true).clear();
    settledId = Math.max(settledId, checkpointId);
  }

  /** The last snapshot that is known to be complete; 0 for none. */
  public long settledId() {
    return settledId;
  }

  /** Answers that were not written because they are committed already. */
  public long suppressed() {
    return suppressed;
  }

  /** The highest offset seen of each input partition. */
  public SortedMap<Partition, Long> passed() {
    SortedMap<Partition, Long> passed = new TreeMap<>();
    tracks.forEach(
        (topic, partitions) -> {
          for (int i = 0; i < partitions.size(); i++) {
            Track track = partitions.get(i);
            if (track != null && track.highest >= 0) {
              passed.put(new Partition(topic, i), track.highest);
            }
          }
        });
    return passed;
  }

  private Track track(String topic, int partition, long highestAhead) {
    List<@Nullable Track> partitions = tracks.get(topic);
    if (partitions != null && partition < partitions.size()) {
      Track known = partitions.get(partition);
      if (known != null) {
        return known;
      }
    }
    List<@Nullable Track> all = tracks.computeIfAbsent(topic, t -> new ArrayList<>());
    while (all.size() <= partition) {
      all.add(null);
    }
    Track made = new Track(highestAhead);
    all.set(partition, made);
    return made;
  }
}
