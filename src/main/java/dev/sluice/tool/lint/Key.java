package dev.sluice.tool.lint;

import static dev.sluice.tool.lint.Quantity.CHECKPOINT_INTERVAL;
import static dev.sluice.tool.lint.Quantity.CHECKPOINT_TIMEOUT;
import static dev.sluice.tool.lint.Quantity.CLIENT_TIMEOUT;
import static dev.sluice.tool.lint.Quantity.FAILED_CHECKPOINTS;
import static dev.sluice.tool.lint.Quantity.GUARD_GRACE;
import static dev.sluice.tool.lint.Quantity.KILL_AFTER;
import static dev.sluice.tool.lint.Quantity.PLANNED_DOWNTIME;
import static dev.sluice.tool.lint.Quantity.PROOF_TIME;
import static dev.sluice.tool.lint.Quantity.RETENTION;
import static dev.sluice.tool.lint.Quantity.STORE_DURATION;
import static dev.sluice.tool.lint.Quantity.TRANSACTION_LIMIT;
import static dev.sluice.tool.lint.Quantity.TRANSACTION_TIMEOUT;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The names under which files hold a quantity, and what holds where a file does not name it. */
enum Key {
  GRACE("--grace", GUARD_GRACE, Notation.TOOL, "5m"),
  POD_GRACE("terminationGracePeriodSeconds", KILL_AFTER, Notation.SECONDS, "30"),
  UNIT_TIMEOUT("TimeoutStopSec", KILL_AFTER, Notation.SYSTEMD, "90s"),
  SERVICE_GRACE("stop_grace_period", KILL_AFTER, Notation.COMPOSE, "10s"),
  INTERVAL("execution.checkpointing.interval", CHECKPOINT_INTERVAL, Notation.FLINK, null),
  TIMEOUT("execution.checkpointing.timeout", CHECKPOINT_TIMEOUT, Notation.FLINK, "10 min"),
  PAUSE("execution.checkpointing.min-pause", CHECKPOINT_INTERVAL, Notation.FLINK, null),
  TOLERATED(
      "execution.checkpointing.tolerable-failed-checkpoints",
      FAILED_CHECKPOINTS,
      Notation.COUNT,
      "0"),
  CLIENT("client.timeout", CLIENT_TIMEOUT, Notation.FLINK, "60 s"),
  STORE("rest.async.store-duration", STORE_DURATION, Notation.FLINK, "5 min"),
  TRANSACTION("sluice.sink.transaction-timeout", TRANSACTION_TIMEOUT, Notation.FLINK, "15 min"),
  LIMIT("transaction.max.timeout.ms", TRANSACTION_LIMIT, Notation.MILLIS, "900000"),
  LOG_RETENTION_MS("log.retention.ms", RETENTION, Notation.MILLIS, null),
  LOG_RETENTION_MINUTES("log.retention.minutes", RETENTION, Notation.MINUTES, null),
  LOG_RETENTION_HOURS("log.retention.hours", RETENTION, Notation.HOURS, "168"),
  TOPIC_RETENTION("retention.ms", RETENTION, Notation.MILLIS, null),
  DOWNTIME("--planned-downtime", PLANNED_DOWNTIME, Notation.TOOL, null),
  STATE_SIZE("--state-size", PROOF_TIME, Notation.PROVED_BYTES, Notation.UNKNOWN);

  /** Those of Flink's configuration. */
  static final List<Key> OF_FLINK = List.of(INTERVAL, TIMEOUT, PAUSE, TOLERATED, CLIENT, STORE);

  /** A broker's retention: the first that is set holds. */
  static final List<Key> OF_RETENTION =
      List.of(LOG_RETENTION_MS, LOG_RETENTION_MINUTES, LOG_RETENTION_HOURS);

  private final String text;
  private final Quantity quantity;
  private final Notation notation;
  private final @Nullable String standard;

  Key(String text, Quantity quantity, Notation notation, @Nullable String standard) {
    this.text = text;
    this.quantity = quantity;
    this.notation = notation;
    this.standard = standard;
  }

  /** As files have it. */
  String text() {
    return text;
  }

  Quantity quantity() {
    return quantity;
  }

  Notation notation() {
    return notation;
  }

  /** The value that holds unless set, in its notation; null if there is none. */
  @Nullable String standard() {
    return standard;
  }
}
