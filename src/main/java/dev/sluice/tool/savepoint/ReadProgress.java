package dev.sluice.tool.savepoint;

/** Receives the progress of reading a snapshot, if that takes longer than two seconds. */
@FunctionalInterface
public interface ReadProgress {

  /** For reads that report nothing. */
  ReadProgress NONE = (done, all) -> {};

  /**
   * Called every two seconds on the thread that waits for the result.
   *
   * @param done bytes that were read
   * @param all bytes to be read
   */
  void at(long done, long all);
}
