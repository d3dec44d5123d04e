package dev.sluice.bench.contender;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.event.OutputTopic;
import dev.sluice.settings.JobSettings;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The same work on Flink as it is first written: events mapped by Jackson, Tribuo's objects in
 * {@code ValueState}, whatever serializers Flink chooses, RocksDB, exactly once, two sinks. One
 * challenger, no scaling of numbers.
 */
public final class PlainFlink {

  private static final ObjectMapper JSON = new ObjectMapper();

  private PlainFlink() {}

  /** Runs until it is ended. */
  public static void main(String[] arguments) throws Exception {
    Assignment assignment = Assignment.parse(arguments);
    JobSettings settings = assignment.job();
    LocalFlink.install(assignment);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    SingleOutputStreamOperator<PlainAnswer> predictions =
        env.fromSource(source(settings), WatermarkStrategy.forMonotonousTimestamps(), "events")
            .map(json -> JSON.readValue(json, PlainEvent.class))
            .keyBy(event -> event.key)
            .process(
                new PlainLearner(settings.model().labels(), settings.input().outcomeTimeout()));
    predictions.sinkTo(sink(settings, OutputTopic.PREDICTIONS));
    predictions
        .getSideOutput(PlainLearner.EVALUATIONS)
        .sinkTo(sink(settings, OutputTopic.EVALUATIONS));
    env.execute(assignment.name());
  }

  private static KafkaSource<String> source(JobSettings settings) {
    return KafkaSource.<String>builder()
        .setBootstrapServers(settings.kafka().bootstrapServers())
        .setGroupId(settings.kafka().groupId())
        .setTopics(settings.topics().events())
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setValueOnlyDeserializer(new SimpleStringSchema())
        .build();
  }

  private static KafkaSink<PlainAnswer> sink(JobSettings settings, OutputTopic kind) {
    String topic = settings.topics().of(kind);
    KafkaRecordSerializationSchema<PlainAnswer> record =
        (answer, context, timestamp) -> {
          try {
            return new ProducerRecord<>(
                topic, answer.key.getBytes(UTF_8), JSON.writeValueAsBytes(answer));
          } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalStateException("an answer can't be written as JSON", e);
          }
        };
    return KafkaSink.<PlainAnswer>builder()
        .setBootstrapServers(settings.kafka().bootstrapServers())
        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .setTransactionalIdPrefix(settings.sink().transactionalIdPrefix() + "-" + kind)
        .setProperty("transaction.timeout.ms", "" + settings.sink().transactionTimeout().toMillis())
        .setRecordSerializer(record)
        .build();
  }
}
