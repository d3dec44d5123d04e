package dev.sluice.bench.contender;

import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.RawRecord;
import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import dev.sluice.settings.JobSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The limit: for each partition a thread with a consumer, a hash map of models and a transactional
 * producer. Its state is lost when it ends, so no job can be without what it saves.
 */
public final class RawLoop {

  private RawLoop() {}

  /** Runs until it is ended. */
  public static void main(String[] arguments) throws InterruptedException {
    Assignment assignment = Assignment.parse(arguments);
    Thread[] workers = new Thread[assignment.workers()];
    for (int i = 0; i < workers.length; i++) {
      int partition = i;
      workers[i] = new Thread(() -> work(assignment, partition), "worker-" + i);
      workers[i].setUncaughtExceptionHandler(
          (thread, failure) -> {
            failure.printStackTrace();
            Runtime.getRuntime().halt(1);
          });
      workers[i].start();
    }
    for (Thread worker : workers) {
      worker.join();
    }
  }

  private static void work(Assignment assignment, int partition) {
    JobSettings settings = assignment.job();
    TopicPartition input = new TopicPartition(settings.topics().events().get(0), partition);
    KeyedWork work = new KeyedWork(settings, new Maps());
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(settings);
        KafkaProducer<byte[], byte[]> producer = producer(assignment, settings, partition)) {
      consumer.assign(List.of(input));
      consumer.seekToBeginning(List.of(input));
      producer.initTransactions();
      producer.beginTransaction();
      long commitNanos = assignment.commitMs() * 1_000_000;
      long begun = System.nanoTime();
      while (true) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          work.process(raw(record), answer -> send(producer, settings, answer));
        }
        if (System.nanoTime() - begun >= commitNanos) {
          producer.sendOffsetsToTransaction(
              Map.of(input, new OffsetAndMetadata(consumer.position(input))),
              consumer.groupMetadata());
          producer.commitTransaction();
          producer.beginTransaction();
          begun = System.nanoTime();
        }
      }
    }
  }

  private static RawRecord raw(ConsumerRecord<byte[], byte[]> record) {
    return new RawRecord(
        new Origin(record.topic(), record.partition(), record.offset()),
        record.timestamp(),
        record.key(),
        record.value());
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the commit reports it
  private static void send(
      KafkaProducer<byte[], byte[]> producer, JobSettings settings, OutputRecord answer) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(settings.topics().of(answer.topic()), answer.key(), answer.value());
    record.headers().add(KeyedWork.origin(answer));
    producer.send(record);
  }

  private static KafkaConsumer<byte[], byte[]> consumer(JobSettings settings) {
    Properties properties = settings.clients().consumer();
    properties.remove("partition.discovery.interval.ms"); // Flink's
    properties.put("enable.auto.commit", "false");
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static KafkaProducer<byte[], byte[]> producer(
      Assignment assignment, JobSettings settings, int partition) {
    Properties properties = settings.clients().producer();
    properties.put("transactional.id", assignment.name() + "-" + partition);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** A key's model and what waits for it in one entry. */
  private static final class Maps implements KeyedStore {

    private final Map<String, Entry> entries = new HashMap<>();

    @Override
    public @Nullable ModelState model(String key) {
      return entry(key).model;
    }

    @Override
    public void keep(String key, ModelState model) {
      entry(key).model = model;
    }

    @Override
    public @Nullable Pending half(String key, String id) {
      return entry(key).halves.get(id);
    }

    @Override
    public void hold(String key, String id, Pending half) {
      entry(key).halves.put(id, half);
    }

    @Override
    public void release(String key, String id) {
      entry(key).halves.remove(id);
    }

    private Entry entry(String key) {
      return entries.computeIfAbsent(key, k -> new Entry());
    }

    private static final class Entry {
      private final Map<String, Pending> halves = new HashMap<>();
      private @Nullable ModelState model;
    }
  }
}
