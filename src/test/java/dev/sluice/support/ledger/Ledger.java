package dev.sluice.support.ledger;

import dev.sluice.support.cluster.JobTopics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Checks the ledger law of a stopped job from its topics alone: every input record has exactly one
 * answer in exactly one output topic, or is held in the savepoint. It shares no code with the job;
 * each {@link Anomaly} says in words what it detects.
 */
public final class Ledger {

  private static final Duration QUIET = Duration.ofSeconds(3);
  private static final Duration COMMIT_LIMIT = Duration.ofSeconds(30);
  private static final Set<TransactionState> OPEN =
      EnumSet.of(
          TransactionState.ONGOING,
          TransactionState.PREPARE_COMMIT,
          TransactionState.PREPARE_ABORT,
          TransactionState.PREPARE_EPOCH_FENCE);

  private final String bootstrapServers;
  private final JobTopics topics;
  private final String transactionalIdPrefix;
  private Map<TopicPartition, Long> below = Map.of();
  private Set<Place> held = Set.of();

  /** A ledger of the job with these topics and this transactional-id prefix. */
  public Ledger(String bootstrapServers, JobTopics topics, String transactionalIdPrefix) {
    this.bootstrapServers = bootstrapServers;
    this.topics = topics;
    this.transactionalIdPrefix = transactionalIdPrefix;
  }

  /** Judges only input records below these offsets, where the savepoint resumes. */
  public Ledger below(Map<TopicPartition, Long> offsets) {
    below = Map.copyOf(offsets);
    return this;
  }

  /** Takes these input records as held in the savepoint. */
  public Ledger holding(Set<Place> places) {
    held = Set.copyOf(places);
    return this;
  }

  /** Reads every topic to its end and judges. */
  public Verdict read() throws ExecutionException, InterruptedException {
    LedgerBook book = new LedgerBook();
    KafkaTap tap = new KafkaTap(bootstrapServers, QUIET);
    List<String> open = openTransactions();
    tap.read(topics.outputs(), record -> book.answer(answer(record)));
    // No producer sends any more: after its end nothing can come late.
    new KafkaTap(bootstrapServers, Duration.ZERO)
        .read(
            List.of(topics.events(), topics.control()),
            record -> book.input(place(record), record.key(), record.value()));
    return book.judge(held, below)
        .with(Anomaly.OPEN_TRANSACTION, open)
        .with(Anomaly.UNREADABLE_END, unreadableEnds());
  }

  private LedgerBook.Answer answer(ConsumerRecord<byte[], byte[]> record) {
    return new LedgerBook.Answer(
        topics.kindOf(record.topic()),
        place(record),
        header(record, "sluice-origin"),
        header(record, "sluice-reason"),
        record.key(),
        record.value());
  }

  static Place place(ConsumerRecord<?, ?> record) {
    return new Place(record.topic(), record.partition(), record.offset());
  }

  public static @Nullable String header(ConsumerRecord<?, ?> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null || header.value() == null
        ? null
        : new String(header.value(), StandardCharsets.UTF_8);
  }

  /** A commit may still be writing its markers, so it is given a moment to end. */
  private List<String> openTransactions() throws ExecutionException, InterruptedException {
    try (Admin admin = admin()) {
      long start = System.nanoTime();
      while (true) {
        List<String> open =
            admin.listTransactions().all().get().stream()
                .filter(listing -> listing.transactionalId().startsWith(transactionalIdPrefix))
                .filter(listing -> OPEN.contains(listing.state()))
                .map(TransactionListing::toString)
                .toList();
        if (open.isEmpty() || System.nanoTime() - start > COMMIT_LIMIT.toNanos()) {
          return open;
        }
      }
    }
  }

  private List<String> unreadableEnds() throws ExecutionException, InterruptedException {
    try (Admin admin = admin()) {
      Map<TopicPartition, OffsetSpec> latest =
          admin.describeTopics(topics.outputs()).allTopicNames().get().values().stream()
              .flatMap(
                  topic ->
                      topic.partitions().stream()
                          .map(info -> new TopicPartition(topic.name(), info.partition())))
              .collect(Collectors.toMap(partition -> partition, p -> OffsetSpec.latest()));
      Map<TopicPartition, ListOffsetsResultInfo> ends =
          admin
              .listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
              .all()
              .get();
      Map<TopicPartition, ListOffsetsResultInfo> stable =
          admin
              .listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
              .all()
              .get();
      List<String> unreadable = new ArrayList<>();
      ends.forEach(
          (partition, end) -> {
            ListOffsetsResultInfo lso = stable.get(partition);
            if (lso == null || lso.offset() != end.offset()) {
              unreadable.add("%s: readable to %s of %s".formatted(partition, lso, end));
            }
          });
      return unreadable;
    }
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", bootstrapServers));
  }
}
