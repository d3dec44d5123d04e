package dev.sluice.bench.throughput;

/** Why a run does not count. */
final class RefusedRun extends Exception {

  private static final long serialVersionUID = 1L;

  RefusedRun(String message) {
    super(message);
  }
}
