package dev.sluice.fence;

import dev.sluice.kafka.OpenTransactions;
import dev.sluice.kafka.TopicOffsets;
import dev.sluice.ledger.Partition;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the brokers how far the output topics reach. Notes belong to the task's thread; other
 * questions may come from any.
 */
final class OutputOffsets implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OutputOffsets.class);
  private static final Duration CLOSE = Duration.ofSeconds(1);

  /** How long a snapshot waits for the brokers, in ms; an older answer suffices. */
  private static final long NOTE_PATIENCE_MS = 1_000;

  private final Admin admin;
  private final TopicOffsets offsets;
  private final List<String> topics;
  private final List<String> inputs;
  private final Duration patience;
  private final String transactionalIdPrefix;

  private CompletableFuture<SortedMap<Partition, Long>> asked =
      CompletableFuture.completedFuture(Collections.emptySortedMap());
  private SortedMap<Partition, Long> noted = Collections.emptySortedMap();

  OutputOffsets(FenceSettings settings) {
    this.admin = Admin.create(settings.clientProperties());
    this.offsets = new TopicOffsets(admin);
    this.topics = List.of(settings.topics().outputs());
    this.inputs = List.of(settings.topics().inputs());
    this.patience = settings.patience();
    this.transactionalIdPrefix = settings.transactionalIdPrefix();
  }

  /**
   * The last stable offset of each output partition, new partitions included: every transaction
   * with a record below it has ended.
   */
  CompletableFuture<SortedMap<Partition, Long>> stableEnds() {
    return offsets.stableEnds(topics);
  }

  /** Waits for {@link #stableEnds} to note. */
  void note() throws IOException, InterruptedException {
    ask();
    noted = await(asked);
  }

  /** Asks for {@link #stableEnds} to note; does not wait for the answer. */
  void ask() {
    asked = stableEnds();
  }

  /**
   * The last that were asked for, or older ones if the brokers don't answer soon: an older note
   * stays true, it only makes a restore read more.
   */
  SortedMap<Partition, Long> noted() throws InterruptedException {
    try {
      noted = asked.get(NOTE_PATIENCE_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("The ends of the output topics are not known, earlier ones are noted: {}", e);
    }
    return noted;
  }

  /** The high watermark of each output partition: everything written before is below it. */
  SortedMap<Partition, Long> ends() throws IOException, InterruptedException {
    return await(offsets.ends(topics));
  }

  /** The high watermark of each input partition. */
  SortedMap<Partition, Long> inputEnds() throws IOException, InterruptedException {
    return await(offsets.ends(inputs));
  }

  /** The first offset of each output partition that was not deleted yet. */
  SortedMap<Partition, Long> beginnings() throws IOException, InterruptedException {
    return await(offsets.beginnings(topics));
  }

  /**
   * Waits for an answer.
   *
   * @throws IOException if there is none in time, or it is an error
   */
  <T> T await(CompletableFuture<T> answer) throws IOException, InterruptedException {
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(
          "the restore fence can't ask about the topics %s and %s: %s"
              .formatted(topics, inputs, e.getCause()),
          e);
    } catch (TimeoutException e) {
      throw new IOException(
          "the brokers did not answer the restore fence about the topics %s and %s within %s s"
              .formatted(topics, inputs, patience.toSeconds()),
          e);
    }
  }

  /** The transactions of the job and of others at these brokers. */
  OpenTransactions transactions() {
    return new OpenTransactions(admin, transactionalIdPrefix);
  }

  @Override
  public void close() {
    admin.close(CLOSE);
  }
}
