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

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A number must be as long as others together.
 *
 * @param name says what holds then
 * @param left the number that must be long
 * @param relation how long
 * @param right the others; the longest of several of a kind counts
 * @param margin a fixed time to be added to them
 * @param otherwise what happens else
 * @param wayOut what can be done instead of raising the number
 */
record Check(
    String name,
    Quantity left,
    Relation relation,
    List<Quantity> right,
    Duration margin,
    String otherwise,
    String wayOut) {

  /** What the guard needs beyond its grace period and the reading of the savepoint. */
  private static final Duration LOOK_AND_WRITE = Duration.ofSeconds(30);

  /**
   * From a complete checkpoint to its commit; the job itself is content with less for short ones.
   */
  private static final Duration COMMIT = Duration.ofMinutes(1);

  static final List<Check> ALL =
      List.of(
          new Check(
              "the-guard-outlives-its-stop",
              KILL_AFTER,
              Relation.LONGER,
              List.of(GUARD_GRACE, PROOF_TIME),
              LOOK_AND_WRITE,
              "the guard is killed in the middle of a stop",
              "lower --grace"),
          new Check(
              "transactions-outlive-a-stop",
              TRANSACTION_TIMEOUT,
              Relation.AT_LEAST,
              List.of(CHECKPOINT_INTERVAL, GUARD_GRACE),
              Duration.ZERO,
              "the stop is refused, for answers could expire before their savepoint is complete",
              "lower --grace"),
          new Check(
              "transactions-outlive-the-downtime",
              TRANSACTION_TIMEOUT,
              Relation.AT_LEAST,
              List.of(CHECKPOINT_INTERVAL, GUARD_GRACE, PLANNED_DOWNTIME),
              Duration.ZERO,
              "answers that a stop by escalation leaves uncommitted expire before the resume, and are lost until "
                  + "it is healed",
              "lower --grace, or be back sooner"),
          new Check(
              "transactions-outlive-a-checkpoint",
              TRANSACTION_TIMEOUT,
              Relation.LONGER,
              List.of(CHECKPOINT_INTERVAL, CHECKPOINT_TIMEOUT, FAILED_CHECKPOINTS),
              COMMIT,
              "a checkpoint may complete after its transactions have expired: the job refuses to start, or "
                  + "restarts again and again",
              "lower execution.checkpointing.timeout or execution.checkpointing.tolerable-failed-checkpoints"),
          new Check(
              "the-broker-grants-the-timeout",
              TRANSACTION_LIMIT,
              Relation.AT_LEAST,
              List.of(TRANSACTION_TIMEOUT),
              Duration.ZERO,
              "the job does not start",
              "lower sluice.sink.transaction-timeout"),
          new Check(
              "a-savepoint-may-use-the-grace-period",
              CHECKPOINT_TIMEOUT,
              Relation.AT_LEAST,
              List.of(GUARD_GRACE),
              Duration.ZERO,
              "Flink gives the savepoint up while the guard would still wait for it",
              "lower --grace"),
          new Check(
              "the-client-outwaits-a-savepoint",
              CLIENT_TIMEOUT,
              Relation.AT_LEAST,
              List.of(CHECKPOINT_TIMEOUT),
              Duration.ZERO,
              "'flink stop' reports a failure while the stop continues",
              "lower execution.checkpointing.timeout"),
          new Check(
              "flink-remembers-the-stop",
              STORE_DURATION,
              Relation.AT_LEAST,
              List.of(GUARD_GRACE, PROOF_TIME),
              LOOK_AND_WRITE,
              "a guard that is started again may not learn where its savepoint went",
              "lower --grace"),
          new Check(
              "topics-outlive-the-downtime",
              RETENTION,
              Relation.LONGER,
              List.of(PLANNED_DOWNTIME, CHECKPOINT_INTERVAL),
              Duration.ZERO,
              "inputs are deleted unread, and answers that the resume must see to give none twice",
              "be back sooner"));

  /** How long the left side must be. */
  enum Relation {
    LONGER("longer than"),
    AT_LEAST("at least");

    private final String words;

    Relation(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }

    boolean holds(Duration left, Duration right) {
      int order = left.compareTo(right);
      return order > 0 || (order == 0 && this == AT_LEAST);
    }
  }

  /** The quantities that nothing was read of: with one of them it can't be made. */
  List<Quantity> missing(List<Reading> readings) {
    return Stream.concat(Stream.of(left), right.stream())
        .filter(each -> readings.stream().noneMatch(reading -> reading.quantity() == each))
        .toList();
  }

  /** What contradicts it. */
  List<Contradiction> against(List<Reading> readings) {
    return readings.stream()
        .filter(reading -> reading.quantity() == left)
        .map(reading -> new Contradiction(this, reading, others(reading, readings)))
        .filter(each -> each.right().size() == right.size())
        .filter(each -> !relation.holds(each.left().value(), each.needed()))
        .toList();
  }

  private List<Reading> others(Reading than, List<Reading> readings) {
    return right.stream()
        .map(quantity -> longest(quantity, than, readings))
        .flatMap(Optional::stream)
        .toList();
  }

  /** When a guard is killed is compared with the same guard's grace period. */
  private static Optional<Reading> longest(
      Quantity quantity, Reading than, List<Reading> readings) {
    return readings.stream()
        .filter(each -> each.quantity() == quantity)
        .filter(
            each ->
                than.quantity() != KILL_AFTER
                    || quantity != GUARD_GRACE
                    || each.place().equals(than.place()))
        .max(Comparator.comparing(Reading::value));
  }
}
