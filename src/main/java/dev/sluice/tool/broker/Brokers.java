package dev.sluice.tool.broker;

import dev.sluice.kafka.CommittedRecords;
import dev.sluice.kafka.ListenerCheck;
import dev.sluice.kafka.OpenTransactions;
import dev.sluice.kafka.Partitions;
import dev.sluice.kafka.TopicOffsets;
import dev.sluice.ledger.Partition;
import dev.sluice.ledger.PendingTransaction;
import dev.sluice.tool.refusal.RefusalCode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.DescribeTransactionsResult;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.jspecify.annotations.Nullable;

/**
 * Asks Kafka on the tool's behalf. Each question waits for its answer, for as long as the patience
 * at most, and fails with an {@link IOException} that names the servers, the question, the cause
 * and the remedy. May be used by several threads.
 */
public final class Brokers implements AutoCloseable {

  private static final Duration CLOSE = Duration.ofSeconds(1);

  /** A drill and a rollback count while no job runs. */
  private static final Duration COUNTING = Duration.ofSeconds(10);

  /** How many inputs that wait are counted one by one; of more, the offsets are. */
  private static final int COUNTED = 100_000;

  /** A job has 128 key groups, and no more subtasks than that. */
  private static final int MOST_SUBTASKS = 128;

  /** Neither committed nor aborted yet. */
  private static final Set<TransactionState> NOT_ENDED =
      Set.of(
          TransactionState.ONGOING,
          TransactionState.PREPARE_COMMIT,
          TransactionState.PREPARE_ABORT,
          TransactionState.PREPARE_EPOCH_FENCE);

  private final Properties client;
  private final BrokerClient admin;
  private final AdminCall question;

  /**
   * A transaction of a job that has not ended.
   *
   * @param transactionalId its name
   * @param producerId who writes in it
   * @param state as the brokers name it
   */
  public record OpenTransaction(String transactionalId, long producerId, String state) {}

  /**
   * Makes a client, after a check of the protocol at the brokers' ports; asks nothing yet. While
   * none of the servers' names can be resolved there is no client: each question makes one then, or
   * fails as one without an answer.
   *
   * @param client its properties, {@code bootstrap.servers} among them; may hold secrets, which go
   *     nowhere else
   * @param patience the longest wait for one answer
   * @throws IllegalArgumentException if the properties can't make a client, or one in plaintext for
   *     a port that speaks TLS
   */
  public Brokers(Properties client, Duration patience) {
    this(client, patience, Admin::create);
  }

  /** As {@link #Brokers(Properties, Duration)}, with clients that are made otherwise. */
  Brokers(Properties client, Duration patience, Function<Properties, Admin> clients) {
    this.client = new Properties();
    this.client.putAll(client);
    LimitedClients.limitLogin(this.client, patience);
    this.question = AdminCall.of(this.client, patience);
    int patienceMs = (int) Math.min(Integer.MAX_VALUE, patience.toMillis());
    Properties properties = new Properties();
    properties.putAll(this.client);
    properties.put("default.api.timeout.ms", patienceMs);
    properties.put("request.timeout.ms", patienceMs);
    ListenerCheck.beforeConnecting(client, "")
        .ifPresent(
            why -> {
              throw new IllegalArgumentException(
                  RefusalCode.BROKERS.in(
                      "the brokers at %s can't be asked with these settings: %s"
                          .formatted(question.servers(), why)));
            });
    this.admin = new BrokerClient(properties, clients, question);
  }

  /** Whether the brokers are there. */
  public void ping() throws IOException, InterruptedException {
    String unused = clusterId();
  }

  /**
   * Whether they are of the Kafka cluster that a job writes to.
   *
   * @param clusterId as the job has published it; empty if it has not
   */
  public ClusterMatch match(String clusterId) throws IOException, InterruptedException {
    String reported = clusterId.isEmpty() ? "" : clusterId();
    return ClusterMatch.of(question.servers(), reported, clusterId);
  }

  /** Empty if they report none. */
  private String clusterId() throws IOException, InterruptedException {
    @Nullable String id =
        question.ask("whether they are there", admin.get().describeCluster().clusterId());
    return id == null ? "" : id;
  }

  /**
   * The fate of a savepoint's transactions. Two of them may be of one transactional id.
   *
   * @throws IOException if the brokers don't answer for one of them
   */
  public Map<PendingTransaction, Fate> fates(Collection<PendingTransaction> of)
      throws IOException, InterruptedException {
    Map<PendingTransaction, Fate> fates = new LinkedHashMap<>();
    if (of.isEmpty()) {
      return fates;
    }
    DescribeTransactionsResult found =
        admin
            .get()
            .describeTransactions(
                of.stream().map(PendingTransaction::transactionalId).distinct().toList());
    for (PendingTransaction pending : of) {
      String id = pending.transactionalId();
      fates.put(
          pending,
          question
              .known("what became of transaction (%s)".formatted(id), found.description(id))
              .map(now -> Fate.of(pending, now))
              .orElse(Fate.EXPIRED));
    }
    return fates;
  }

  /**
   * A job's transactions that have not ended, by the prefix of its sink; in order.
   *
   * @throws IOException if the brokers do not answer, or do not let this user know
   */
  public List<OpenTransaction> open(String transactionalIdPrefix)
      throws IOException, InterruptedException {
    String what = "which transactions of prefix (%s) are open".formatted(transactionalIdPrefix);
    requireDescribable(transactionalIdPrefix, what);
    try {
      return new OpenTransactions(admin.get(), transactionalIdPrefix, question.patience())
          .ours(NOT_ENDED).stream()
              .map(
                  one ->
                      new OpenTransaction(
                          one.transactionalId(), one.producerId(), one.state().toString()))
              .toList();
    } catch (ExecutionException | TimeoutException e) {
      throw question.failure(what, e);
    }
  }

  /**
   * Sees to it that a list of transactions would be complete. A broker leaves out of it, and says
   * nothing of, what the client's user may not describe; asked for one by its name, it answers. A
   * right may cover some of them alone, so one of each subtask that a job can have is asked for.
   */
  private void requireDescribable(String transactionalIdPrefix, String what)
      throws BrokerException, InterruptedException {
    List<String> ids =
        IntStream.range(0, MOST_SUBTASKS)
            .mapToObj(subtask -> "%s-%s-0".formatted(transactionalIdPrefix, subtask))
            .toList();
    DescribeTransactionsResult found = admin.get().describeTransactions(ids);
    for (String id : ids) {
      Optional<TransactionDescription> unused = question.known(what, found.description(id));
    }
  }

  /** Whether a request that failed fails again until rights or brokers are changed. */
  public static boolean lasts(IOException e) {
    return e instanceof BrokerException failure && failure.lasts();
  }

  /** When each of a job's transactions began that has not ended, by the prefix of its sink. */
  public List<Instant> openSince(String transactionalIdPrefix)
      throws IOException, InterruptedException {
    return live(transactionalIdPrefix).stream()
        .filter(one -> one.sinceMs() >= 0)
        .map(one -> Instant.ofEpochMilli(one.sinceMs()))
        .toList();
  }

  /**
   * A job's transactions that have not ended, each with what distinguishes it from the next one.
   */
  public List<LiveTransaction> live(String transactionalIdPrefix)
      throws IOException, InterruptedException {
    List<String> ids =
        open(transactionalIdPrefix).stream().map(OpenTransaction::transactionalId).toList();
    DescribeTransactionsResult found = admin.get().describeTransactions(ids);
    List<LiveTransaction> live = new ArrayList<>();
    for (String id : ids) { // One that is not known any more has ended.
      question
          .known("what transaction (%s) is at".formatted(id), found.description(id))
          .filter(now -> NOT_ENDED.contains(now.state()))
          .ifPresent(now -> live.add(LiveTransaction.of(id, now)));
    }
    return live;
  }

  /** How far the writers with a prefix have come. */
  public SinkWriters writers(String transactionalIdPrefix)
      throws IOException, InterruptedException {
    return new SinkWriters(admin.get(), question, transactionalIdPrefix);
  }

  /** Which of these transactional ids the brokers know, whatever state each is in. */
  public Set<String> known(Collection<String> transactionalIds)
      throws IOException, InterruptedException {
    DescribeTransactionsResult found = admin.get().describeTransactions(transactionalIds);
    Set<String> known = new TreeSet<>();
    for (String id : transactionalIds) {
      question
          .known("whether they know transaction (%s)".formatted(id), found.description(id))
          .ifPresent(now -> known.add(id));
    }
    return known;
  }

  /** What a transactional id is at; empty if the brokers do not know it. */
  public Optional<TransactionDescription> transaction(String transactionalId)
      throws IOException, InterruptedException {
    return question.known(
        "what transaction (%s) is at".formatted(transactionalId),
        admin.get().describeTransactions(List.of(transactionalId)).description(transactionalId));
  }

  /**
   * Aborts the transaction that is open under a name, through its coordinator, by taking the name
   * over: its producer can neither write nor commit any more. It hits whichever producer holds the
   * name at that moment, so check directly before that it is still the same.
   */
  public void abort(String transactionalId) throws IOException, InterruptedException {
    question.ask(
        "to abort transaction (%s)".formatted(transactionalId),
        admin.get().fenceProducers(List.of(transactionalId)).all());
  }

  /**
   * Creates those of the topics that are not there.
   *
   * @return the names of those that were created
   */
  public Set<String> create(Collection<TopicPlan> topics) throws IOException, InterruptedException {
    return new TopicCreation(admin.get(), question).create(topics);
  }

  /** The first offset of each partition that was not deleted yet. */
  public SortedMap<Partition, Long> beginnings(Collection<String> topics)
      throws IOException, InterruptedException {
    return question.ask(
        "where %s begin".formatted(topics), new TopicOffsets(admin.get()).beginnings(topics));
  }

  /** The high watermark of each partition: everything written before is below it. */
  public SortedMap<Partition, Long> ends(Collection<String> topics)
      throws IOException, InterruptedException {
    return question.ask(
        "where %s end".formatted(topics), new TopicOffsets(admin.get()).ends(topics));
  }

  /** Those of the topics that the client's user may not read, as far as the brokers report them. */
  public Set<String> unreadable(Collection<String> topics)
      throws IOException, InterruptedException {
    Set<String> unreadable = new TreeSet<>();
    question
        .ask(
            "what %s may be used for".formatted(topics),
            admin
                .get()
                .describeTopics(
                    topics, new DescribeTopicsOptions().includeAuthorizedOperations(true))
                .allTopicNames())
        .forEach(
            (topic, description) -> {
              Set<AclOperation> may = description.authorizedOperations();
              if (may != null && !may.contains(AclOperation.READ)) {
                unreadable.add(topic);
              }
            });
    return unreadable;
  }

  /** The last stable offset of each partition: as far as every transaction has ended. */
  public SortedMap<Partition, Long> stableEnds(Collection<String> topics)
      throws IOException, InterruptedException {
    return question.ask(
        "how far %s can be read".formatted(topics),
        new TopicOffsets(admin.get()).stableEnds(topics));
  }

  /**
   * How many records a read_committed reader would be given that continues at some offsets, up to
   * the last stable ones: what is in open transactions can't be read yet. Reads them, as offsets
   * don't show it.
   *
   * @param from the next offset of each partition, of which nothing is deleted
   * @return exactly how many up to 100,000, if they can be counted within ten seconds; otherwise at
   *     most how many
   * @throws IOException if the brokers don't let it read, or there was no record within that time
   */
  public Waiting waiting(SortedMap<Partition, Long> from) throws IOException, InterruptedException {
    if (from.isEmpty()) {
      return Waiting.NONE;
    }
    SortedMap<Partition, Long> to =
        new TreeMap<>(stableEnds(from.keySet().stream().map(Partition::topic).distinct().toList()));
    to.keySet().retainAll(from.keySet());
    CommittedRecords.Count count =
        new CommittedRecords(client, question.patience()).count(from, to, COUNTED, COUNTING);
    return new Waiting(
        count.records(), count.exact() ? Waiting.Known.EXACTLY : Waiting.Known.AT_MOST);
  }

  /**
   * The first offset of each partition whose record is not older than a time; -1 where there is
   * none.
   *
   * @param timeMs epoch milliseconds, compared with the records' own
   */
  public SortedMap<Partition, Long> since(Collection<String> topics, long timeMs)
      throws IOException, InterruptedException {
    return question.ask(
        "what is in %s since %s".formatted(topics, timeMs),
        new TopicOffsets(admin.get()).since(topics, timeMs));
  }

  /**
   * Whose open transactions hold the last stable offsets of partitions back, one sentence each;
   * none if nothing does. A reason why that is not known is such a sentence, too.
   */
  public List<String> holdingBack(Collection<Partition> partitions) {
    String what = "whose transactions are open in %s".formatted(partitions);
    try {
      // The prefix does not matter to this question.
      return partitions.isEmpty()
          ? List.of()
          : new OpenTransactions(admin.get(), "", question.patience()).holders(partitions);
    } catch (ExecutionException | TimeoutException e) {
      return List.of(question.failure(what, e).getMessage());
    } catch (BrokerException e) {
      return List.of(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of("interrupted before the brokers could say " + what);
    }
  }

  /**
   * What a consumer group has committed: the next offset that it would read. Empty for a group that
   * is not known.
   */
  public SortedMap<Partition, Long> committedOffsets(String groupId)
      throws IOException, InterruptedException {
    SortedMap<Partition, Long> offsets = new TreeMap<>();
    committed(groupId).forEach((p, committed) -> offsets.put(p, committed.offset()));
    return offsets;
  }

  /** The same with the metadata that were committed with each offset. */
  public SortedMap<Partition, OffsetAndMetadata> committed(String groupId)
      throws IOException, InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> found =
        question.ask(
            "what group (%s) has committed".formatted(groupId),
            admin.get().listConsumerGroupOffsets(groupId).partitionsToOffsetAndMetadata());
    SortedMap<Partition, OffsetAndMetadata> committed = new TreeMap<>();
    found.forEach(
        (p, offset) -> {
          if (offset != null) {
            committed.put(Partitions.of(p), offset);
          }
        });
    return committed;
  }

  @Override
  public void close() {
    admin.close(CLOSE);
  }
}
