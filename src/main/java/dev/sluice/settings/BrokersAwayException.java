package dev.sluice.settings;

import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.RetriableException;

/** The brokers do not answer, or their names have no address, which may be temporary. */
public final class BrokersAwayException extends SettingsException {

  private static final long serialVersionUID = 1L;

  /** As kafka-clients begins to say that no address is known for any of the hosts' names. */
  private static final String UNKNOWN_HOSTS = "No resolvable bootstrap urls";

  public BrokersAwayException(String message) {
    super(message);
  }

  /** Whether a client throws this when the brokers are unavailable. */
  public static boolean is(Throwable thrown) {
    return thrown instanceof RetriableException
        || thrown instanceof TimeoutException
        || (thrown instanceof ConfigException
            && String.valueOf(thrown.getMessage()).startsWith(UNKNOWN_HOSTS));
  }
}
