package dev.sluice.fence;

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
 * @param patience how long a restore waits for the end of another program's transaction
 * @param transactionalIdPrefix of the sink's transactions
 * @param checkpointDirectory where Flink keeps checkpoints, for messages; empty if not known
 * @param topics what it reads
 * @param client for every Kafka client; may hold secrets
 */
public record FenceSettings(
    FenceMode mode,
    boolean exactlyOnce,
    boolean overExistingOutput,
    Duration patience,
    String transactionalIdPrefix,
    String checkpointDirectory,
    Topics topics,
    Properties client)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  /**
   * The job's topics. The arrays are owned by the record.
   *
   * @param outputs where answers go
   * @param controlLog the one of them where control commands are answered
   * @param inputs where what is answered comes from
   */
  public record Topics(String[] outputs, String controlLog, String[] inputs)
      implements Serializable {

    private static final long serialVersionUID = 1L;
  }

  boolean isOn() {
    return mode != FenceMode.OFF;
  }

  /** A client's properties, to be changed at will. */
  Properties clientProperties() {
    Properties copy = new Properties();
    copy.putAll(client);
    return copy;
  }

  @Override
  public String toString() {
    return "FenceSettings[%s, patience %s, topics %s]"
        .formatted(mode, patience, String.join(", ", topics.outputs()));
  }
}
