package dev.sluice.job.fence;

import java.io.Serializable;
import java.time.Duration;
import java.util.Properties;

/**
 * What the fence has to know of the job's settings. The properties and the array are owned by the
 * record.
 *
 * @param mode what it does
 * @param exactlyOnce whether answers are committed with checkpoints; others are there before the
 *     first one, and an attempt without a snapshot may then be a restart as well as a start
 * @param overExistingOutput whether a start without a snapshot may write where answers are already
 * @param patience how long a restore waits for a transaction of somebody else's to end
 * @param transactionalIdPrefix of the sink's transactions
 * @param checkpointDirectory where Flink keeps checkpoints, for messages; empty if not known
 * @param outputTopics where answers go
 * @param client for every Kafka client; may hold secrets
 */
public record FenceSettings(
    FenceMode mode,
    boolean exactlyOnce,
    boolean overExistingOutput,
    Duration patience,
    String transactionalIdPrefix,
    String checkpointDirectory,
    String[] outputTopics,
    Properties client)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  /** A client's properties, to be changed at will. */
  Properties clientProperties() {
    Properties copy = new Properties();
    copy.putAll(client);
    return copy;
  }

  @Override
  public String toString() {
    return "FenceSettings[%s, patience %s, topics %s]"
        .formatted(mode, patience, String.join(", ", outputTopics));
  }
}
