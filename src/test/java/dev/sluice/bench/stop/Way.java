package dev.sluice.bench.stop;

/** How a program is stopped and started again. */
enum Way {
  FLINK_CANONICAL("flink stop, flink run -s (canonical)"),
  FLINK_NATIVE("flink stop, flink run -s (native)"),
  DRILL_CANONICAL("sluice drill (canonical)"),
  DRILL_NATIVE("sluice drill (native)"),
  STREAMS_DIRECTORY("Kafka Streams, same state directory"),
  STREAMS_CHANGELOG("Kafka Streams, from the changelog");

  /** Of a savepoint. */
  enum Format {
    CANONICAL,
    NATIVE
  }

  private final String title;

  Way(String title) {
    this.title = title;
  }

  /** Its name in tables and plots. */
  String title() {
    return title;
  }

  /** This way of stopping with a savepoint of the other format. */
  static Way of(String prefix, Format format) {
    return valueOf(prefix + "_" + format);
  }
}
