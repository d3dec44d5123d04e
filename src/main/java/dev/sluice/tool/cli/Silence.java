package dev.sluice.tool.cli;

import dev.sluice.tool.broker.BrokerException;
import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.UnansweredException;
import dev.sluice.tool.refusal.SilentException;
import dev.sluice.tool.savepoint.UnreadFileException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Decides whether something failed for want of an answer, so that the same command may succeed. */
public final class Silence {

  private Silence() {}

  /**
   * Whether a JobManager, a broker, a store or a guard that did not answer is behind it. A service
   * that refused has answered.
   */
  public static boolean isBehind(Throwable thrown) {
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      boolean silent =
          at instanceof UnansweredException
              || at instanceof SilentException
              || (at instanceof UnreadFileException unread && !unread.isRefusal())
              || (at instanceof FlinkException flink && flink.isPassing() && !flink.isUnknown())
              || (at instanceof BrokerException failure && failure.isSilence())
              || (at instanceof RetriableException
                  && !(at instanceof UnknownTopicOrPartitionException));
      if (silent) {
        return true;
      }
    }
    return false;
  }
}
