package dev.sluice.tool.stop;

import java.time.Instant;
import java.util.List;
import java.util.SortedMap;

/**
 * How far a job's output can be read, and what the job has not ended yet.
 *
 * @param begun when each open transaction of the job began
 * @param heldBack each partition, as topic/number, that read_committed readers can't read to its
 *     end
 */
public record OutputState(List<Instant> begun, SortedMap<String, HeldBack> heldBack) {

  /**
   * A partition's last stable offset, and what is behind it.
   *
   * @param stableEnd where its readers wait
   * @param records offsets from there to the end
   */
  public record HeldBack(long stableEnd, long records) {}
}
