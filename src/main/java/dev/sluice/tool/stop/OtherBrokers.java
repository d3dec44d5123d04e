package dev.sluice.tool.stop;

import dev.sluice.settings.JobSettings;
import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.SinkWriters;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The brokers that the operator's settings name, of a job that names others. They may be the job's
 * own at another listener. They may also be those of another cluster, whose file of settings was
 * given: nothing of the job is open there, whatever it has open at its own brokers. The id of a
 * cluster does not rule that out: a copy of its disks has the same.
 *
 * @param asked where the stop is proved
 * @param published by the job
 */
record OtherBrokers(String asked, String published) {

  /** Those of the settings; empty if these name none, or the job's. */
  static Optional<OtherBrokers> of(JobFacts job, Map<String, String> own) {
    if (PublishedSettings.brokers().stream().noneMatch(own::containsKey)) {
      return Optional.empty();
    }
    Set<String> asked = PublishedSettings.servers(own);
    Set<String> published = PublishedSettings.servers(job.settings());
    return asked.equals(published)
        ? Optional.empty()
        : Optional.of(new OtherBrokers(String.join(",", asked), String.join(",", published)));
  }

  /**
   * What is to be known of them, a sentence.
   *
   * @param sameId whether they report the id of the job's cluster
   */
  String words(boolean sameId) {
    return ("the brokers asked are those that the settings given here name (%s), and the job names (%s): they can "
            + "prove its stop only if both are addresses of one cluster%s")
        .formatted(
            asked,
            published,
            sameId ? ". They report its id, but a copy of a cluster has the same id" : "");
  }

  /**
   * Refuses brokers that can't be the job's. Its sink makes a transactional id at each checkpoint,
   * whether or not there is anything to write, and its own brokers know that of the last one at
   * least: a job whose ids they forget from one checkpoint to the next can't write. A copy of the
   * cluster that was made since may know it as well: that is not found out.
   *
   * @param settings of a job that writes exactly once
   * @param checkpoint the number of one that it has completed recently
   * @throws IOException if they know no id of that checkpoint; a coordinator that moves to another
   *     broker may be seen so for a moment
   */
  void requireItsIds(ToolServices services, JobSettings settings, long checkpoint)
      throws IOException, InterruptedException {
    String prefix = settings.sink().transactionalIdPrefix();
    try (Brokers brokers = services.brokers(settings.kafka().clientProperties())) {
      SinkWriters writers = brokers.writers(prefix);
      if (writers.taken(List.of(checkpoint + 1)).isEmpty()) {
        throw new IOException(
            ("the stop could not be proved: the brokers at (%s), which the settings given here name, know no "
                    + "transactional id (%s), and the job has made it at checkpoint %s: they are not its own, which it "
                    + "names (%s). Give settings of the job's cluster, or none that name brokers")
                .formatted(asked, writers.id(checkpoint + 1), checkpoint, published));
      }
    }
  }
}
