package dev.sluice.tool.resume;

import dev.sluice.tool.receipt.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * The ids of the jobs that are resumed from one snapshot, in their order.
 *
 * <p>Flink takes a job id once: not while a job with it is there, and not after it has ended, for
 * as long as Flink remembers. Every resume of a snapshot asks for the first id whose job has not
 * ended. So two who resume it at the same moment ask for the same id, and Flink refuses one of
 * them, whatever settings they give. The next one is asked for only after the job before has ended,
 * which makes every later resumption of the snapshot as possible as the first.
 *
 * <p>The snapshot is known by the bytes of its metadata, not by its place: a copy is the same one.
 * A fork is another job, with topics of its own, and has ids of its own.
 *
 * @param metadata SHA-256 of the snapshot's metadata
 * @param fork the fork's name; null for the job itself
 */
record ResumptionId(String metadata, @Nullable String fork) {

  /**
   * 32 hexadecimal digits.
   *
   * @param resumptions how many jobs of this snapshot have ended
   */
  String of(int resumptions) {
    String text =
        "sluice resumption 1\n%s\n%s\n%s"
            .formatted(metadata, resumptions, fork == null ? "" : "fork " + fork);
    return Sha256.id(text);
  }
}
