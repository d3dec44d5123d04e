package dev.sluice.fence;

import dev.sluice.kafka.TopicOffsets;
import dev.sluice.ledger.Partition;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

/** Asks the brokers how far the output topics reach. May be used by several threads. */
final class OutputOffsets implements AutoCloseable {

  private static final Duration CLOSE = Duration.ofSeconds(1);

  private final Admin admin;
  private final TopicOffsets offsets;
  private final List<String> topics;
  private final List<String> inputs;
  private final Duration patience;

  OutputOffsets(FenceSettings settings) {
    this.admin = Admin.create(settings.clientProperties());
    this.offsets = new TopicOffsets(admin);
    this.topics = List.of(settings.topics().outputs());
    this.inputs = List.of(settings.topics().inputs());
    this.patience = settings.patience();
  }

  /**
   * The last stable offset of each output partition, new partitions included: every transaction
   * with a record below it has ended.
   */
  CompletableFuture<SortedMap<Partition, Long>> stableEnds() {
    return offsets.stableEnds(topics);
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

  /** For questions about transactions. */
  Admin admin() {
    return admin;
  }

  @Override
  public void close() {
    admin.close(CLOSE);
  }
}
