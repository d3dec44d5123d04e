package dev.sluice.job.fence;

import dev.sluice.ledger.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whose transactions are open in output partitions, and ends those that the dead attempt
 * left behind and that nobody else would end before their timeout.
 *
 * <p>Flink's writer looks for such transactions by guessing their names, and stops at the first
 * name that was never used. After a restore from an older snapshot, behind a rescale, that is too
 * early: transactions of subtasks that did not exist at the snapshot stay open and hold back every
 * read_committed consumer of the output, for a quarter of an hour with the usual timeout.
 *
 * <p>Safety: the connector names a transaction PREFIX-SUBTASK-N, where N is the id of the snapshot
 * that ends its interval. So what the restored snapshot M lets be committed has N ≤ M, and an open
 * transaction of our prefix with N &gt; M belongs to an attempt that this one replaces. The new
 * attempt's own transactions have such names, too, but are not open before the fence lets the first
 * answer pass.
 */
final class OpenTransactions {

  private static final Logger LOG = LoggerFactory.getLogger(OpenTransactions.class);

  /** The writers of the other subtasks may still be about to end theirs. */
  private static final Duration OTHERS_FIRST = Duration.ofSeconds(5);

  private static final int TIMEOUT_MS = 10_000;

  private final Admin admin;
  private final Pattern ours;
  private final long restoredId;
  private boolean ended;

  OpenTransactions(Admin admin, String transactionalIdPrefix, long restoredId) {
    this.admin = admin;
    this.ours = Pattern.compile(Pattern.quote(transactionalIdPrefix) + "-\\d+-(\\d{1,18})");
    this.restoredId = restoredId;
  }

  /** Ends what was left behind, once, after having waited for others to do it. */
  void endLingering(List<Partition> stuck, Duration waited) throws InterruptedException {
    if (ended || waited.compareTo(OTHERS_FIRST) < 0) {
      return;
    }
    ended = true;
    try {
      Set<String> lingering = new TreeSet<>();
      for (TransactionListing open : listings(producers(stuck).keySet())) {
        Matcher name = ours.matcher(open.transactionalId());
        if (name.matches() && Long.parseLong(name.group(1)) > restoredId) {
          lingering.add(open.transactionalId());
        }
      }
      if (!lingering.isEmpty()) {
        LOG.warn("Aborting transactions that an earlier attempt left open: {}", lingering);
        await(admin.fenceProducers(lingering).all());
      }
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("Transactions that hold back {} can't be ended: {}", stuck, reason(e));
    }
  }

  /** Whose transactions hold back the partitions, in words. */
  String describe(List<Partition> stuck) throws InterruptedException {
    try {
      Map<Long, String> where = producers(stuck);
      List<String> texts = new ArrayList<>();
      for (TransactionListing open : listings(where.keySet())) {
        texts.add(
            "transaction (%s) of producer %s is %s, %s"
                .formatted(
                    open.transactionalId(),
                    open.producerId(),
                    open.state(),
                    where.remove(open.producerId())));
      }
      where.forEach((id, text) -> texts.add("producer %s, %s".formatted(id, text)));
      return texts.isEmpty() ? "no transaction is open there" : String.join("; ", texts);
    } catch (ExecutionException | TimeoutException e) {
      return "the broker does not tell whose transaction it is: " + reason(e);
    }
  }

  /** Where each producer with an open transaction began it, by producer id. */
  private Map<Long, String> producers(List<Partition> stuck)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<TopicPartition> partitions = stuck.stream().map(OutputLog::topicPartition).toList();
    Map<Long, String> open = new HashMap<>();
    await(admin.describeProducers(partitions).all())
        .forEach(
            (partition, state) -> {
              for (ProducerState producer : state.activeProducers()) {
                producer
                    .currentTransactionStartOffset()
                    .ifPresent(
                        offset ->
                            open.put(
                                producer.producerId(),
                                "open in %s/%s from offset %s"
                                    .formatted(partition.topic(), partition.partition(), offset)));
              }
            });
    return open;
  }

  private List<TransactionListing> listings(Set<Long> producers)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (producers.isEmpty()) {
      return List.of();
    }
    return List.copyOf(
        await(
            admin
                .listTransactions(new ListTransactionsOptions().filterProducerIds(producers))
                .all()));
  }

  private static <T> T await(KafkaFuture<T> answer)
      throws InterruptedException, ExecutionException, TimeoutException {
    return answer.get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
  }

  private static Object reason(Exception e) {
    return e.getCause() == null ? e : e.getCause();
  }
}
