package dev.sluice.tool.resume;

import dev.sluice.settings.JobSettings;
import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.refusal.RefusalCode;
import dev.sluice.tool.services.ToolServices;
import dev.sluice.tool.stop.JobFacts;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.connector.base.DeliveryGuarantee;

/**
 * Whether this tool's user may ask the brokers what a resume asks them. Checked before a job is
 * stopped in order to be resumed: a user who may only stop it would leave it stopped.
 */
final class ResumeRights {

  private ResumeRights() {}

  /**
   * Why the resume would be refused; empty if nothing is known against it.
   *
   * @throws IOException if Flink or the brokers do not answer
   */
  static Optional<String> missing(
      ToolServices services, JobManager flink, JobOverview job, ResumePolicy resume)
      throws IOException, InterruptedException {
    Map<String, String> own = new HashMap<>(resume.defaults());
    own.keySet().removeAll(PublishedSettings.withoutSecrets(resume.defaults()).keySet());
    own.putAll(resume.settings());
    JobSettings settings = JobFacts.of(flink, job).resumed(own);
    try (Brokers brokers = services.brokers(settings.kafka().clientProperties())) {
      brokers.beginnings(settings.inputTopics());
      brokers.ends(settings.inputTopics());
      brokers.ends(settings.outputTopics().values());
      if (settings.sink().guarantee() == DeliveryGuarantee.EXACTLY_ONCE) {
        brokers.open(settings.sink().transactionalIdPrefix());
      }
      Set<String> unreadable = brokers.unreadable(settings.outputTopics().values());
      return unreadable.isEmpty()
          ? Optional.empty()
          : Optional.of(
              refused(
                  "this client's user has no right to read %s (deploy/secured-kafka.md lists what each command needs)"
                      .formatted(unreadable)));
    } catch (IOException e) {
      if (!Brokers.lasts(e)) {
        throw e;
      }
      return Optional.of(refused(String.valueOf(e.getMessage())));
    }
  }

  private static String refused(String why) {
    return RefusalCode.BROKERS.in("the job could be stopped, but not resumed: " + why);
  }
}
