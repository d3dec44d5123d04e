package dev.sluice.tool.feed;

import dev.sluice.codec.Details;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends the events of a feed; those of one with a name in short transactions. Opening such a
 * producer aborts what an earlier run of the name left open, and fences that run: from then on it
 * can't write, so what the topic holds can be read and continued. The topic so holds no event
 * twice, also if two runs of one name are started at once.
 *
 * <p>Used by one thread, but for the callbacks of the producer's own.
 */
final class FeedProducer implements AutoCloseable {

  /** What a killed run leaves open holds back readers of the topic no longer than this. */
  private static final Duration TRANSACTION = Duration.ofSeconds(60);

  /** Readers see what was fed after as long at most. */
  private static final Duration COMMIT_EVERY = Duration.ofMillis(500);

  private static final int MAX_REQUEST = 16 << 20;

  private static final Duration UNTIL_SENT = Duration.ofMillis(Long.MAX_VALUE);

  private final Producer<byte[], byte[]> producer;
  private final String topic;
  private final String name;
  private final boolean transactional;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private final Map<Integer, Long> ends = new ConcurrentHashMap<>();
  private boolean open;
  private long begunNanos;

  private FeedProducer(Properties settings, String topic, String name) {
    this.producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    this.topic = topic;
    this.name = name;
    this.transactional = !name.isEmpty();
  }

  /**
   * Takes over from any other run of the name.
   *
   * @throws IOException if the brokers do not let it
   */
  static FeedProducer open(Properties client, String topic, Feed feed) throws IOException {
    Properties settings = new Properties();
    settings.putAll(client);
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 10);
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    settings.putIfAbsent(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, "" + MAX_REQUEST);
    if (feed.name().isEmpty()) {
      return new FeedProducer(settings, topic, "");
    }
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId(topic, feed));
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, "" + TRANSACTION.toMillis());
    FeedProducer producer = new FeedProducer(settings, topic, feed.name());
    try {
      producer.producer.initTransactions();
      return producer;
    } catch (KafkaException e) {
      producer.producer.close(Duration.ZERO);
      throw producer.failed(e);
    }
  }

  /**
   * Of one name there is one, whatever makes the ids; files whose rows get the same ids share it.
   */
  static String transactionalId(String topic, Feed feed) {
    return "%s-feed-%s".formatted(topic, Feed.idPrefix(feed.name()));
  }

  /**
   * Sends one record. Closes the producer at once, from its own thread, when one is not
   * acknowledged: otherwise it would go on with a new epoch, and the topic would hold younger
   * events without this one. Within an epoch brokers take no batch before the one in front of it.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the callback has it
  void send(ProducerRecord<byte[], byte[]> record) throws IOException {
    requireAcknowledged();
    try {
      if (transactional && !open) {
        producer.beginTransaction();
        open = true;
        begunNanos = System.nanoTime();
      }
      producer.send(
          record,
          (metadata, thrown) -> {
            if (thrown == null) {
              ends.merge(metadata.partition(), metadata.offset() + 1, Math::max);
            } else if (failure.compareAndSet(null, thrown)) {
              producer.close(Duration.ZERO);
            }
          });
    } catch (IllegalStateException | KafkaException e) {
      requireAcknowledged(); // it is closed once a record was not acknowledged
      throw failed(e);
    }
  }

  /** Makes what was sent visible, if the last time is long enough ago. */
  void commitIfDue() throws IOException {
    if (open && System.nanoTime() - begunNanos >= COMMIT_EVERY.toNanos()) {
      commit();
    }
  }

  /**
   * Waits until all that was sent is acknowledged, and makes it visible. Waits before it commits: a
   * request to the coordinator that is queued while the producer fails for good is never answered.
   */
  void commit() throws IOException {
    try {
      producer.flush();
      requireAcknowledged();
      if (open) {
        producer.commitTransaction();
        open = false;
      }
    } catch (IllegalStateException | KafkaException e) {
      requireAcknowledged();
      throw failed(e);
    }
  }

  /** Behind the last record of each partition that was sent and acknowledged. */
  Map<Integer, Long> ends() {
    return Map.copyOf(ends);
  }

  private void requireAcknowledged() throws IOException {
    Exception failed = failure.get();
    if (failed != null) {
      throw failed(failed);
    }
  }

  private IOException failed(Exception e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof ProducerFencedException
          || cause instanceof InvalidProducerEpochException) {
        return new IOException(
            ("another run has begun to feed (%s) to %s, and this one has ended: nothing is fed twice, and a run"
                    + " continues where this one's last transaction ended. If none was started, this one's"
                    + " transaction was open for more than %s s: run it again to continue")
                .formatted(Details.clipped(name), topic, TRANSACTION.toSeconds()),
            e);
      }
    }
    String why =
        e instanceof AuthorizationException
            ? e.getMessage() + "; deploy/secured-kafka.md lists the rights that each command needs"
            : e.getMessage();
    return new IOException(
        failure.get() == null
            ? "feeding %s failed: %s".formatted(topic, why)
            : "%s did not acknowledge an event: %s".formatted(topic, why),
        e);
  }

  /** Commits what was sent, unless that has failed. */
  @Override
  public void close() throws IOException {
    try {
      if (open && failure.get() == null) {
        commit();
      }
    } finally {
      producer.close(failure.get() == null && !open ? UNTIL_SENT : Duration.ZERO);
    }
  }
}
