package dev.sluice.bench.stop;

/** What is measured of a {@link Way}; not every figure of every way. */
enum Figure {
  /** From the request until the job is FINISHED, or the process has ended. */
  ENDED("until it has ended", "s", 1),
  /** From the request until the receipt is written. */
  PROVED("until proved", "s", 1),
  /** The longest time for which a reader of committed answers got none from a partition. */
  SILENT("longest silence", "s", 1),
  /** The downtime that {@code drill} reports. */
  REPORTED("downtime reported", "s", 1),
  /** All files of the savepoint. */
  SAVED("savepoint", "MB", 1e6),
  FILES("files", "", 1),
  /** The most heap of the tool that was in use, garbage included. */
  HEAP("tool's heap, most", "MiB", 1 << 20),
  /** The most memory of the tool's process. */
  MEMORY("tool's memory, most", "MiB", 1 << 20);

  private final String title;
  private final String unit;
  private final double scale;

  Figure(String title, String unit, double scale) {
    this.title = title;
    this.unit = unit;
    this.scale = scale;
  }

  /** Its name in tables and plots. */
  String title() {
    return title;
  }

  /** In which it is shown. */
  String unit() {
    return unit;
  }

  /** A value as it is shown; values are kept in seconds, bytes and pieces. */
  double shown(double value) {
    return value / scale;
  }

  /** Digits behind the point in a table. */
  int digits() {
    return unit.equals("s") ? 1 : 0;
  }
}
