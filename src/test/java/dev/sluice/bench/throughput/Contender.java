package dev.sluice.bench.throughput;

import dev.sluice.bench.contender.PlainFlink;
import dev.sluice.bench.contender.RawLoop;
import dev.sluice.bench.contender.SluiceProgram;
import dev.sluice.bench.contender.StreamsProgram;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What is measured: a program and its settings. */
enum Contender {
  RAW("raw", "consumer, hash map, transactional producer", RawLoop.class, Answers.LADDER, Map.of()),
  SLUICE_HEAP(
      "sluice-heap",
      "Sluice, heap backend",
      SluiceProgram.class,
      Answers.LADDER,
      Map.of("flink.state.backend.type", "hashmap")),
  SLUICE("sluice", "Sluice, RocksDB, as shipped", SluiceProgram.class, Answers.LADDER, Map.of()),
  SLUICE_NO_CACHE(
      "sluice-no-cache",
      "Sluice, RocksDB, one cached model",
      SluiceProgram.class,
      Answers.LADDER,
      Map.of("sluice.state.cached-keys", "1")),
  SLUICE_NO_FENCE(
      "sluice-no-fence",
      "Sluice, RocksDB, no restore fence",
      SluiceProgram.class,
      Answers.LADDER,
      Map.of("sluice.restore-fence", "off")),
  SLUICE_SINGLE(
      "sluice-single",
      "Sluice, RocksDB, one challenger",
      SluiceProgram.class,
      Answers.SINGLE,
      Map.of("sluice.model.learning-rates", "0.05")),
  SLUICE_BLEND(
      "sluice-blend",
      "Sluice, RocksDB, with a champion",
      SluiceProgram.class,
      Answers.BLEND,
      Map.of("sluice.serving.policy", "blend")),
  STREAMS(
      "streams",
      "Kafka Streams, RocksDB",
      StreamsProgram.class,
      Answers.LADDER,
      Map.of("bench.store", "rocksdb")),
  STREAMS_MEMORY(
      "streams-memory",
      "Kafka Streams, in memory, changelog",
      StreamsProgram.class,
      Answers.LADDER,
      Map.of("bench.store", "memory")),
  FLINK_PLAIN(
      "flink-plain",
      "Flink, RocksDB, as first written",
      PlainFlink.class,
      Answers.OWN,
      Map.of("flink.pipeline.object-reuse", "false"));

  /** Contenders with the same kind of answers must give the same ones, byte for byte. */
  enum Answers {
    /** Of the default ladder of challengers. */
    LADDER,
    /** Of one challenger. */
    SINGLE,
    /** Of the default ladder and a champion. */
    BLEND,
    /** Of another model. */
    OWN
  }

  private final String code;
  private final String title;
  private final Class<?> program;
  private final Answers answers;

  @SuppressWarnings("ImmutableEnumChecker") // all are made by Map.of
  private final Map<String, String> settings;

  Contender(
      String code, String title, Class<?> program, Answers answers, Map<String, String> settings) {
    this.code = code;
    this.title = title;
    this.program = program;
    this.answers = answers;
    this.settings = settings;
  }

  /** Its name on the command line. */
  String code() {
    return code;
  }

  /** Its name in the table. */
  String title() {
    return title;
  }

  /** Its main class. */
  Class<?> program() {
    return program;
  }

  /** Which answers it gives. */
  Answers answers() {
    return answers;
  }

  /** What its command line has beyond everyone's. */
  Map<String, String> settings() {
    return settings;
  }

  /** Whether it is given a champion. */
  boolean hasChampion() {
    return answers == Answers.BLEND;
  }

  /** Whether it needs RocksDB of Kafka Streams in the place of Flink's. */
  boolean isStreams() {
    return program == StreamsProgram.class;
  }

  /**
   * The contender of a name.
   *
   * @throws IllegalArgumentException naming those that there are
   */
  static Contender ofCode(String code) {
    return Arrays.stream(values())
        .filter(contender -> contender.code.equals(code))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--contenders: there is no (%s), only %s".formatted(code, codes())));
  }

  /** All names, separated by commas. */
  static String codes() {
    return Arrays.stream(values()).map(Contender::code).collect(Collectors.joining(","));
  }

  /** Those of {@code --quick}. */
  static List<Contender> few() {
    return List.of(RAW, SLUICE_HEAP, SLUICE, STREAMS);
  }
}
