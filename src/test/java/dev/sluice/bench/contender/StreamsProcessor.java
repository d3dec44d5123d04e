package dev.sluice.bench.contender;

import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.RawRecord;
import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import dev.sluice.settings.JobSettings;
import java.time.Duration;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Predicts, learns and gives up what waited too long, on the stores of one task. */
@SuppressWarnings("NullAway.Init") // Kafka Streams calls init before everything else
final class StreamsProcessor implements Processor<byte[], byte[], byte[], byte[]>, KeyedStore {

  static final String MODELS = "models";
  static final String PENDING = "pending";

  private static final int SCANS_A_TIMEOUT = 16;

  private final JobSettings settings;
  private final KeyedWork work;

  private ProcessorContext<byte[], byte[]> context;
  private KeyValueStore<String, ModelState> models;
  private KeyValueStore<String, Pending> pending;
  private long timestamp;

  StreamsProcessor(JobSettings settings) {
    this.settings = settings;
    this.work = new KeyedWork(settings, this);
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    this.context = context;
    this.models = context.getStateStore(MODELS);
    this.pending = context.getStateStore(PENDING);
    Duration timeout = settings.input().outcomeTimeout();
    context.schedule(timeout.dividedBy(SCANS_A_TIMEOUT), PunctuationType.STREAM_TIME, this::giveUp);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    timestamp = record.timestamp();
    RecordMetadata position = context.recordMetadata().orElseThrow();
    work.process(
        new RawRecord(
            new Origin(position.topic(), position.partition(), position.offset()),
            record.timestamp(),
            record.key(),
            record.value()),
        this::send);
  }

  private void send(OutputRecord answer) {
    RecordHeaders headers = new RecordHeaders();
    headers.add(KeyedWork.origin(answer));
    context.forward(
        new Record<>(answer.key(), answer.value(), timestamp, headers), answer.topic().name());
  }

  private void giveUp(long nowMs) {
    long timeoutMs = settings.input().outcomeTimeout().toMillis();
    try (KeyValueIterator<String, Pending> all = pending.all()) {
      while (all.hasNext()) {
        KeyValue<String, Pending> entry = all.next();
        if (entry.value.arrivalMs() + timeoutMs < nowMs) {
          pending.delete(entry.key);
        }
      }
    }
  }

  @Override
  public @Nullable ModelState model(String key) {
    return models.get(key);
  }

  @Override
  public void keep(String key, ModelState model) {
    models.put(key, model);
  }

  @Override
  public @Nullable Pending half(String key, String id) {
    return pending.get(name(key, id));
  }

  @Override
  public void hold(String key, String id, Pending half) {
    pending.put(name(key, id), half);
  }

  @Override
  public void release(String key, String id) {
    pending.delete(name(key, id));
  }

  private static String name(String key, String id) {
    return key + '\0' + id;
  }
}
