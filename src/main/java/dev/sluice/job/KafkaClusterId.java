package dev.sluice.job;

import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SluiceOptions;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The id of the Kafka cluster that the job writes to, by which the tool later knows whether it asks
 * the job's brokers. Read once, where the program runs at the start, and published with the
 * settings.
 */
final class KafkaClusterId {

  private static final Logger LOG = LoggerFactory.getLogger(KafkaClusterId.class);

  private KafkaClusterId() {}

  /**
   * Asks the brokers.
   *
   * @param deadline the longest wait for their answer
   * @return empty, with a warning, if it can't be read: the job runs without it
   */
  static String read(JobSettings settings, Duration deadline) {
    Properties properties = settings.kafka().clientProperties();
    properties.put("default.api.timeout.ms", (int) deadline.toMillis());
    properties.put("request.timeout.ms", (int) deadline.toMillis() / 2);
    @Nullable String id = null;
    String why = "they report none";
    try (Admin admin = Admin.create(properties)) {
      id = admin.describeCluster().clusterId().get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      why = e.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      why = "interrupted";
    }
    if (id == null || id.isEmpty()) {
      LOG.warn(
          "The id of the Kafka cluster at {} = ({}) could not be read ({}): a stop will say that it"
              + " is not proved that it asked this job's brokers",
          SluiceOptions.BOOTSTRAP_SERVERS.key(),
          settings.kafka().bootstrapServers(),
          why);
      return "";
    }
    return id;
  }
}
