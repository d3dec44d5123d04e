package dev.sluice.tool.stop;

import dev.sluice.tool.receipt.ReceiptKeys;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to stop and how.
 *
 * @param job its name or id
 * @param rest addresses of Flink's REST interface; several with high availability
 * @param savepointDirectory where savepoints go; null for the cluster's own default
 * @param nativeFormat whether to ask for the state backend's own format, faster to write; for
 *     RocksDB's the proof copies one subtask's tables at a time to this machine
 * @param drain whether the job ends for good: no resume after it
 * @param grace how long the savepoint may take before {@code onTimeout} holds
 * @param onTimeout what then
 * @param proofPatience how long the brokers may take to end the savepoint's transactions, and how
 *     long the savepoint's file system may fail, or leave one call unanswered
 * @param receipt where the receipt goes; null for the journal's directory
 * @param journal a directory in which stops record what they are about to do
 * @param settings what the job's settings don't contain, as {@code sluice.kafka.properties.*}, and
 *     the places at which it is reached; may hold secrets, and the job's other settings, for which
 *     the job's published values count
 * @param receiptGroup a group of this machine that may read the receipt, too; null for none
 * @param connection the flags with which printed commands reach the same Flink, Kafka and journal;
 *     none if they were not given
 * @param keys sign the receipts, and check those that are read
 */
public record StopPolicy(
    String job,
    List<URI> rest,
    @Nullable String savepointDirectory,
    boolean nativeFormat,
    boolean drain,
    Duration grace,
    OnTimeout onTimeout,
    Duration proofPatience,
    @Nullable Path receipt,
    Path journal,
    Map<String, String> settings,
    @Nullable String receiptGroup,
    List<String> connection,
    ReceiptKeys keys) {

  public StopPolicy {
    rest = List.copyOf(rest);
    settings = Map.copyOf(settings);
    connection = List.copyOf(connection);
    if (job.isBlank() || rest.isEmpty()) {
      throw new IllegalArgumentException("a stop needs a job (%s) and an address".formatted(job));
    }
    if (grace.isNegative() || grace.isZero()) {
      throw new IllegalArgumentException("grace (%s) must be longer than nothing".formatted(grace));
    }
  }

  /** The same whose printed commands reach Flink and Kafka with these words. */
  public StopPolicy printing(List<String> words) {
    return new StopPolicy(
        job,
        rest,
        savepointDirectory,
        nativeFormat,
        drain,
        grace,
        onTimeout,
        proofPatience,
        receipt,
        journal,
        settings,
        receiptGroup,
        words,
        keys);
  }

  @Override
  public String toString() {
    return "StopPolicy[%s at %s, grace %s, then %s, savepoints in %s, settings %s]"
        .formatted(
            job,
            rest,
            grace,
            onTimeout.code(),
            savepointDirectory,
            settings.keySet().stream().sorted().toList());
  }
}
