package dev.sluice.tool.resume;

import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.SlotSupply;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.time.Deadline;
import dev.sluice.tool.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether a job finds the slots that it needs: without them it is taken, and then waits and
 * restarts until Flink gives it up. Every task of the job may share a slot with the others, so it
 * needs as many slots as its parallelism.
 */
record Slots(JobManager flink, Time time) {

  private static final Duration POLL = Duration.ofMillis(250);

  /**
   * Why there are not enough; empty if there are, or if the cluster may get more by itself.
   *
   * @param parallelism of the job; null for the cluster's default, which is not published
   * @param freed slots that are still taken by a job that stops first
   * @param patience how long to wait for the slots of a job that has just ended
   */
  Optional<String> missing(@Nullable Integer parallelism, int freed, Duration patience)
      throws IOException, InterruptedException {
    if (parallelism == null) {
      return Optional.empty();
    }
    Deadline deadline = time.after(patience);
    while (true) {
      SlotSupply slots = flink.slots();
      int free = slots.free() + freed;
      if (slots.onDemand() || free >= parallelism) {
        return Optional.empty();
      }
      if (deadline.isOver()) {
        return Optional.of(
            RefusalCode.RESUME_SLOTS.in(
                ("the job needs %s slots, and %s of the cluster's %s, on %s TaskManagers, %s "
                        + "free%s: start TaskManagers, or take --parallelism %s")
                    .formatted(
                        parallelism,
                        free,
                        slots.total(),
                        slots.taskManagers(),
                        free == 1 ? "is" : "are",
                        freed == 0 ? "" : " once the job has stopped",
                        Math.max(1, free))));
      }
      time.sleep(POLL);
    }
  }
}
