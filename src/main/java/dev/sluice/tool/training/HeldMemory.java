package dev.sluice.tool.training;

import dev.sluice.event.Features;
import dev.sluice.tool.training.AnswerReader.Joint;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Estimates what outcomes and their examples take in memory, the trainer's copies included, and
 * refuses more than a number of bytes. Owned by one thread.
 */
final class HeldMemory {

  /** About what an outcome takes, and then its example, without its texts. */
  private static final int OUTCOME_BYTES = 400;

  private static final int EXAMPLE_BYTES = 600;

  /** About what a feature takes, in the trainer's copy, too. */
  private static final int FEATURE_BYTES = 64;

  /** About what a column takes in the trainer: its name, its statistics and its weights. */
  private static final int COLUMN_BYTES = 600;

  private final long most;
  private final int limit;
  private final Set<Long> columns = new HashSet<>();
  private long bytes;

  /**
   * Nothing is held yet.
   *
   * @param most bytes; more is refused
   * @param limit of examples, for the message
   */
  HeldMemory(long most, int limit) {
    this.most = most;
    this.limit = limit;
  }

  /** An outcome is held, in place of another one if that is not null. */
  void outcome(Joint joint, @Nullable Joint instead) throws IOException {
    hold(bytes(joint) - (instead == null ? 0 : bytes(instead)));
  }

  private static long bytes(Joint joint) {
    return OUTCOME_BYTES + 2L * (joint.key().length() + joint.id().length());
  }

  /** A prediction is held, and what was looked up for it. */
  void prediction(@Nullable Features found) throws IOException {
    hold(OUTCOME_BYTES + (found == null ? 0 : (long) FEATURE_BYTES * found.size()));
  }

  /** An example is held, and each column that no example before it had. */
  void example(Features features) throws IOException {
    for (int i = 0; i < features.size(); i++) {
      String text = features.texts()[i];
      if (columns.add(((long) features.names()[i].hashCode() << 32) + Objects.hashCode(text))) {
        hold(COLUMN_BYTES);
      }
    }
    hold(
        EXAMPLE_BYTES
            + (long) FEATURE_BYTES * features.size()
            + Arrays.stream(features.texts())
                .mapToLong(t -> t == null ? 0 : 2L * t.length())
                .sum());
  }

  private void hold(long more) throws IOException {
    bytes += more;
    if (bytes > most) {
      throw new IOException(
          ("the examples take more than the %,d MiB that this program may use for them: take fewer with"
                  + " --limit (%,d now) or a later --since, leave features out with --without, or give it"
                  + " more memory (JAVA_TOOL_OPTIONS=-Xmx8g)")
              .formatted(most >> 20, limit));
    }
  }
}
