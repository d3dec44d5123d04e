package dev.sluice.bench.contender;

import dev.sluice.event.OutputTopic;
import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import dev.sluice.settings.JobSettings;
import dev.sluice.state.SluiceTypes;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The whole job on Kafka Streams: the pending halves and the models are in stores with changelogs,
 * exactly once (v2).
 *
 * <p>Tuned: 200 MB of record cache or, if that is more, the quarter of the heap that all tasks of
 * Sluice together take for theirs, so that within a commit interval each model reaches store and
 * changelog once; commits as rare as everyone's; the job's own linger and batch size for the
 * producer; polls of up to {@value #POLL} records; RocksDB as {@link StreamsRocksDb} says; and it
 * leaves its group when it is asked to end.
 */
public final class StreamsProgram {

  private static final int POLL = 5_000;
  private static final long LEAST_CACHE = 200L << 20;
  private static final Duration CLOSING = Duration.ofMinutes(1);

  private StreamsProgram() {}

  /** Runs until it is ended. */
  public static void main(String[] arguments) throws InterruptedException {
    Assignment assignment = Assignment.parse(arguments);
    StreamsRocksDb.setBudget(assignment.nativeBytes());
    KafkaStreams streams = new KafkaStreams(topology(assignment), properties(assignment));
    CountDownLatch ended = new CountDownLatch(1);
    streams.setUncaughtExceptionHandler(
        failure -> {
          failure.printStackTrace();
          Runtime.getRuntime().halt(1);
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    // A member that stays in the group holds its partitions until its session has timed out.
    CloseOptions leaving =
        CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
            .withTimeout(CLOSING);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(leaving), "close"));
    streams.start();
    ended.await();
  }

  static Topology topology(Assignment assignment) {
    JobSettings settings = assignment.job();
    ByteArrayDeserializer in = new ByteArrayDeserializer();
    ByteArraySerializer out = new ByteArraySerializer();
    Topology topology =
        new Topology()
            .addSource("events", in, in, settings.topics().events().get(0))
            .addProcessor("learn", () -> new StreamsProcessor(settings), "events")
            .addStateStore(
                store(
                    assignment,
                    StreamsProcessor.MODELS,
                    new FlinkSerde<ModelState>(SluiceTypes.MODEL_STATE)),
                "learn")
            .addStateStore(
                store(
                    assignment,
                    StreamsProcessor.PENDING,
                    new FlinkSerde<Pending>(SluiceTypes.PENDING)),
                "learn");
    for (OutputTopic kind :
        new OutputTopic[] {
          OutputTopic.PREDICTIONS, OutputTopic.EVALUATIONS, OutputTopic.DEAD_LETTERS
        }) {
      topology.addSink(kind.name(), settings.topics().of(kind), out, out, "learn");
    }
    return topology;
  }

  private static <T> StoreBuilder<KeyValueStore<String, T>> store(
      Assignment assignment, String name, Serde<T> values) {
    KeyValueBytesStoreSupplier bytes =
        assignment.onDisk()
            ? Stores.persistentKeyValueStore(name)
            : Stores.inMemoryKeyValueStore(name);
    return Stores.keyValueStoreBuilder(bytes, Serdes.String(), values)
        .withCachingEnabled()
        .withLoggingEnabled(Map.of());
  }

  private static long cacheBytes() {
    return Math.max(LEAST_CACHE, Runtime.getRuntime().maxMemory() / 4);
  }

  private static Properties properties(Assignment assignment) {
    JobSettings settings = assignment.job();
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, assignment.name());
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, settings.kafka().bootstrapServers());
    properties.put(StreamsConfig.STATE_DIR_CONFIG, assignment.directory().resolve("streams") + "");
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, assignment.commitMs());
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, assignment.workers());
    properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, cacheBytes());
    properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StreamsRocksDb.class);
    properties.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 2 * POLL);
    properties.put(StreamsConfig.consumerPrefix("max.poll.records"), POLL);
    properties.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    Properties producer = settings.clients().producer();
    for (String key :
        new String[] {"transaction.timeout.ms", "max.request.size", "linger.ms", "batch.size"}) {
      properties.put(StreamsConfig.producerPrefix(key), producer.get(key));
    }
    return properties;
  }
}
