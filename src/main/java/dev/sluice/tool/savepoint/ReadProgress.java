package dev.sluice.tool.savepoint;

/** Hears how far the reading of a snapshot is, if that takes longer than two seconds. */
@FunctionalInterface
public interface ReadProgress {

  /** For readings that tell nothing. */
  ReadProgress NONE = (done, all) -> {};

  /**
   * Called every two seconds on the thread that waits for the result.
   *
   * @param done bytes that were read
   * @param all bytes to be read
   */
  void at(long done, long all);
}
