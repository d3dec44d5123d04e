package dev.sluice.fence;

import dev.sluice.ledger.Partition;
import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Refuses a start without a snapshot over output topics that hold answers already. */
public final class ExistingAnswers {

  private ExistingAnswers() {}

  /**
   * Searches the output topics for one committed answer.
   *
   * @throws RefusedException if there is one, and the settings don't allow it
   * @throws IOException if the brokers don't answer
   */
  public static void refuse(FenceSettings settings) throws IOException, InterruptedException {
    if (settings.overExistingOutput()) {
      return;
    }
    String found;
    try (OutputOffsets output = new OutputOffsets(settings)) {
      found = find(settings, output);
    }
    if (found != null) {
      throw new RefusedException(
          ("a start without a savepoint is refused, and nothing was written: %s, so a run before this one has "
                  + "answered, and every input would be answered a second time. Resume from that run's last "
                  + "savepoint or "
                  + "retained checkpoint: flink run -s SAVEPOINT …; or, to answer everything again on purpose, set "
                  + "sluice.start.over-existing-output: true")
              .formatted(found));
    }
  }

  private static @Nullable String find(FenceSettings settings, OutputOffsets output)
      throws IOException, InterruptedException {
    SortedMap<Partition, Long> to = new TreeMap<>(output.await(output.stableEnds()));
    SortedMap<Partition, Long> from = output.beginnings();
    return new CommittedOrigins(settings, output.transactions(), origin -> true)
        .firstAnswer(from, to);
  }
}
