package dev.sluice.flink;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Copies strings from one Kafka topic to another, exactly once, by way of a keyed function that
 * takes a while to close. Runs in a cluster, from a jar of its own; {@link FlinkStopWindowIT} stops
 * it.
 */
public final class StopWindowJob {

  private StopWindowJob() {}

  /** Arguments: Kafka's bootstrap servers, input topic, output topic, transactional-id prefix. */
  public static void main(String[] args) throws Exception {
    KafkaSource<String> source =
        KafkaSource.<String>builder()
            .setBootstrapServers(args[0])
            .setTopics(args[1])
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setValueOnlyDeserializer(new SimpleStringSchema())
            .setProperty("partition.discovery.interval.ms", "-1")
            .build();
    KafkaSink<String> sink =
        KafkaSink.<String>builder()
            .setBootstrapServers(args[0])
            .setRecordSerializer(
                KafkaRecordSerializationSchema.builder()
                    .setTopic(args[2])
                    .setValueSerializationSchema(new SimpleStringSchema())
                    .build())
            .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
            .setTransactionalIdPrefix(args[3])
            .setProperty("transaction.timeout.ms", "300000")
            .build();
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    environment
        .fromSource(source, WatermarkStrategy.noWatermarks(), "source")
        .uid("source")
        .keyBy(value -> value)
        .process(new SlowToClose())
        .uid("slow-to-close")
        .sinkTo(sink)
        .uid("sink");
    environment.execute("stop-window");
  }

  /** Hands everything on. Closing it takes as long as flushing a cache or a client would. */
  private static final class SlowToClose extends KeyedProcessFunction<String, String, String> {
    private static final long serialVersionUID = 1;
    private static final Duration CLOSING = Duration.ofSeconds(10);

    @Override
    public void processElement(String value, Context context, Collector<String> out) {
      out.collect(value);
    }

    /** When the task is cancelled, as after a failure, it is interrupted here and ends at once. */
    @Override
    public void close() throws InterruptedException {
      Thread.sleep(CLOSING.toMillis());
    }
  }
}
