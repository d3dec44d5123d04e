package dev.sluice.kafka;

import dev.sluice.ledger.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whose transactions are open in output partitions, and ends those that dead attempts
 * left behind and that no one else would end before their timeout.
 *
 * <p>Flink's writer searches such transactions by guessing their names: PREFIX-SUBTASK-N, from the
 * id of the restored snapshot upwards, until the first name that was never used. It misses those of
 * subtasks that did not exist then, and those of a run that began at an older snapshot and so used
 * smaller ids. They hold back every read_committed consumer of the output, for a quarter of an hour
 * with the usual timeout.
 */
public final class OpenTransactions {

  private static final Logger LOG = LoggerFactory.getLogger(OpenTransactions.class);

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Digits that a long surely holds. */
  private static final int LONGEST_NUMBER = 18;

  /** What may have a meaning in a pattern, to Java and to the brokers' RE2 alike. */
  private static final String SPECIAL = "[\\p{Punct}&&[^-_]]";

  private final Admin admin;
  private final String prefix;
  private final Pattern ours;
  private final String pattern;
  private final Duration patience;

  /** Queries through the caller's client, which it does not close, for 10 s at most. */
  public OpenTransactions(Admin admin, String transactionalIdPrefix) {
    this(admin, transactionalIdPrefix, PATIENCE);
  }

  /**
   * Queries through the caller's client, which it does not close.
   *
   * @param transactionalIdPrefix of the job's sink
   * @param patience the longest wait for one answer
   */
  public OpenTransactions(Admin admin, String transactionalIdPrefix, Duration patience) {
    this.admin = admin;
    this.prefix = transactionalIdPrefix;
    this.pattern = escaped(transactionalIdPrefix) + "-[0-9]+-[0-9]+";
    this.ours = Pattern.compile(pattern);
    this.patience = patience;
  }

  /**
   * The job's transactions in some states.
   *
   * @param states as brokers name them
   */
  public List<TransactionListing> ours(Set<TransactionState> states)
      throws InterruptedException, ExecutionException, TimeoutException {
    return listings(states, pattern).stream()
        .filter(listing -> ours.matcher(listing.transactionalId()).matches())
        .sorted(Comparator.comparing(TransactionListing::transactionalId))
        .toList();
  }

  /**
   * The highest number of a subtask's transactional ids that the brokers know, whatever their fate;
   * empty if they know none.
   */
  public OptionalLong newestNumber(int subtask)
      throws InterruptedException, ExecutionException, TimeoutException {
    String its = prefix + "-" + subtask + "-";
    return listings(Set.of(), escaped(its) + "[0-9]+").stream()
        .map(TransactionListing::transactionalId)
        .filter(id -> ours.matcher(id).matches() && id.startsWith(its))
        .map(id -> id.substring(its.length()))
        .filter(number -> number.length() <= LONGEST_NUMBER)
        .mapToLong(Long::parseLong)
        .max();
  }

  private static String escaped(String text) {
    return text.replaceAll(SPECIAL, "\\\\$0");
  }

  /**
   * At least the job's, and no others where the brokers can distinguish them: since Kafka 4.1. A
   * cluster may have many thousands, and a guard asks every few seconds.
   */
  private Collection<TransactionListing> listings(Set<TransactionState> states, String like)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      return await(
          admin
              .listTransactions(
                  new ListTransactionsOptions()
                      .filterStates(states)
                      .filterOnTransactionalIdPattern(like))
              .all());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnsupportedVersionException
          || e.getCause() instanceof InvalidRegularExpression) {
        return await(
            admin.listTransactions(new ListTransactionsOptions().filterStates(states)).all());
      }
      throw e;
    }
  }

  /**
   * Aborts every open transaction of the job. To be called once every subtask is here and none has
   * let an answer pass: what the snapshot holds as pending is committed then, or can't be, and the
   * new attempt's own transactions are not open yet. So what is open belongs to an attempt that is
   * dead.
   */
  public void abortOurs() throws InterruptedException {
    try {
      List<String> lingering =
          ours(Set.of(TransactionState.ONGOING)).stream()
              .map(TransactionListing::transactionalId)
              .toList();
      if (!lingering.isEmpty()) {
        LOG.warn("Aborting transactions that earlier attempts left open: {}", lingering);
        await(admin.fenceProducers(lingering).all());
      }
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("Transactions that earlier attempts left open can't be ended: {}", reason(e));
    }
  }

  /** The owners of the transactions that hold back the partitions, in words. */
  public String describe(Collection<Partition> stuck) throws InterruptedException {
    try {
      List<String> texts = holders(stuck);
      return texts.isEmpty() ? "no transaction is open there" : String.join("; ", texts);
    } catch (ExecutionException | TimeoutException e) {
      return "the broker does not say whose transaction it is: " + reason(e);
    }
  }

  /** Each transaction that holds back one of the partitions, in words. */
  public List<String> holders(Collection<Partition> stuck)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<Long, String> where = producers(stuck);
    List<String> texts = new ArrayList<>();
    for (TransactionListing open : ofProducers(where.keySet())) {
      texts.add(
          "transaction (%s) of producer %s is %s, %s"
              .formatted(
                  open.transactionalId(),
                  open.producerId(),
                  open.state(),
                  where.remove(open.producerId())));
    }
    where.forEach((id, text) -> texts.add("producer %s, %s".formatted(id, text)));
    return texts;
  }

  /** Where each producer with an open transaction began it, by producer id. */
  private Map<Long, String> producers(Collection<Partition> stuck)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<TopicPartition> partitions = stuck.stream().map(Partitions::kafka).toList();
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

  private List<TransactionListing> ofProducers(Set<Long> producers)
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

  private <T> T await(KafkaFuture<T> answer)
      throws InterruptedException, ExecutionException, TimeoutException {
    return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static String reason(Exception e) {
    return e.getCause() == null ? e.toString() : e.getCause().toString();
  }
}
