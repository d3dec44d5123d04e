package dev.sluice.tool.lint;

/** What a number means, whatever its file calls it. */
enum Quantity {
  GUARD_GRACE("the guard's --grace (in what runs the guard: a pod, a compose file, a unit)"),
  KILL_AFTER("how long the guard has before it is killed (in what runs the guard)"),
  CHECKPOINT_INTERVAL("execution.checkpointing.interval (in Flink's configuration)"),
  CHECKPOINT_TIMEOUT("execution.checkpointing.timeout (in Flink's configuration)"),
  FAILED_CHECKPOINTS(
      "execution.checkpointing.tolerable-failed-checkpoints (in Flink's configuration)"),
  CLIENT_TIMEOUT("client.timeout (in Flink's configuration)"),
  STORE_DURATION("rest.async.store-duration (in Flink's configuration)"),
  TRANSACTION_TIMEOUT("sluice.sink.transaction-timeout (in sluice.yaml)"),
  TRANSACTION_LIMIT("transaction.max.timeout.ms (in the broker's server.properties)"),
  RETENTION("log.retention.ms or its like (in the broker's server.properties)"),
  PLANNED_DOWNTIME("--planned-downtime"),
  PROOF_TIME("--state-size");

  private final String wanted;

  Quantity(String wanted) {
    this.wanted = wanted;
  }

  /** Its usual name, and where to find it. */
  String wanted() {
    return wanted;
  }
}
