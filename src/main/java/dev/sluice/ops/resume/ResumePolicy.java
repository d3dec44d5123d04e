package dev.sluice.ops.resume;

import dev.sluice.ops.stop.KnownPlaces;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What to resume and how.
 *
 * @param from a receipt's file, or a snapshot's URI
 * @param rest addresses of Flink's REST interface; several with high availability
 * @param jar the job's
 * @param parallelism of the resumed job; null for that of the stopped one
 * @param heal whether to take an older snapshot in place of one that has lost answers
 * @param fork a new name for a second copy beside the running job; null for none
 * @param sharesOutputs whether a job that reads other inputs may write to its output topics
 * @param settings of the job that are to differ from what they were
 * @param defaults settings from the job's file: what a receipt does not hold, or all of them
 *     without a receipt; may hold secrets
 * @param journal where receipts of earlier stops are
 * @param patience how long the job may take until it goes on
 */
public record ResumePolicy(
    String from,
    List<URI> rest,
    Path jar,
    @Nullable Integer parallelism,
    boolean heal,
    @Nullable String fork,
    boolean sharesOutputs,
    Map<String, String> settings,
    Map<String, String> defaults,
    Path journal,
    Duration patience) {

  public ResumePolicy {
    rest = List.copyOf(rest);
    settings = Map.copyOf(settings);
    defaults = Map.copyOf(defaults);
  }

  /** The same for another receipt. */
  ResumePolicy of(Path receipt) {
    return new ResumePolicy(
        receipt.toString(),
        rest,
        jar,
        parallelism,
        heal,
        fork,
        sharesOutputs,
        settings,
        defaults,
        journal,
        patience);
  }

  /** The places that a receipt may name. */
  KnownPlaces knownPlaces() {
    return new KnownPlaces(settings, defaults, journal);
  }

  /** Why the jar can't be run; empty if it can. */
  Optional<String> jarProblem() {
    return Files.isRegularFile(jar) && Files.isReadable(jar)
        ? Optional.empty()
        : Optional.of("the job's jar (%s) can't be read: name it with --jar".formatted(jar));
  }

  @Override
  public String toString() {
    return "ResumePolicy[%s at %s, parallelism %s, settings %s]"
        .formatted(from, rest, parallelism, settings.keySet().stream().sorted().toList());
  }
}
