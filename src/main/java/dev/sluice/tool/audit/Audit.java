package dev.sluice.tool.audit;

import dev.sluice.codec.Headers;
import dev.sluice.codec.OriginReader;
import dev.sluice.event.Origin;
import dev.sluice.kafka.CommittedRecords;
import dev.sluice.ledger.OriginSet;
import dev.sluice.ledger.Partition;
import dev.sluice.tool.audit.AuditReport.Anomaly;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.Brokers.OpenTransaction;
import dev.sluice.tool.broker.ReadingProgress;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Checks the ledger law of a job from its topics alone: every input below the bounds has one answer
 * in one output topic, or the snapshot holds it.
 *
 * <p>Reads the output topics, then the input topics, each record once, read_committed. The order
 * matters twice: for a running job, everything that the bounds count as answered was written before
 * the output's ends are taken; and the input's ends are read after these, so that each answer's
 * input is below them. Only if something is found that has to be shown with all its places, the
 * output is read a second time.
 *
 * <p>Memory: two bits for each input at worst, as {@link OriginSet} says, whatever the records are.
 */
public final class Audit {

  /** How long transactions of a stopped job that are just being ended may take. */
  private static final Duration SETTLE = Duration.ofSeconds(5);

  private static final int PROGRESS_EVERY = 1 << 17;

  /** What is counted of one output partition that has any answer. */
  private static final class Answers {

    /** When the oldest record that is left was written, epoch milliseconds. */
    final long oldestMs;

    long records;

    Answers(long oldestMs) {
      this.oldestMs = oldestMs;
    }
  }

  private final ToolServices services;
  private final AuditedJob job;
  private final Bounds bounds;
  private final Duration patience;
  private final Findings findings;

  /**
   * An audit, to be run once.
   *
   * @param job whose topics
   * @param bounds which inputs
   * @param patience the longest wait for one answer of the brokers; and, for a running job, for its
   *     open transactions to end, which takes one checkpoint
   * @param examples how many of each anomaly to name
   */
  public Audit(
      ToolServices services, AuditedJob job, Bounds bounds, Duration patience, int examples) {
    this.services = services;
    this.job = job;
    this.bounds = bounds;
    this.patience = patience;
    this.findings = new Findings(examples);
  }

  /**
   * Reads and judges.
   *
   * @throws IOException if the brokers don't answer, or don't let it read
   */
  public AuditReport run(ReadingProgress progress) throws IOException, InterruptedException {
    try (Brokers brokers = services.brokers(job.client(), patience)) {
      Output output =
          Output.settled(job, brokers, bounds.stopped() ? SETTLE : patience, services.time());
      Input input = Input.of(job, brokers, bounds);
      AuditBook book = new AuditBook(input.spans(), bounds, findings);
      Replays replays = new Replays(job.deferred(), findings);
      Map<Partition, Answers> answers = new HashMap<>();
      read(
          "answers",
          output.beginnings(),
          output.stableEnds(),
          answer -> {
            answers.computeIfAbsent(
                    new Partition(answer.topic(), answer.partition()),
                    p -> new Answers(answer.timestamp()))
                .records++;
            replays.answer(answer);
            book.answer(answer.topic(), answer.partition(), answer.offset(), origin(answer));
            return true;
          },
          progress);
      Undecided undecided =
          Undecided.of(job, brokers, bounds, output, oldest(answers))
              .startingAt(book.firstAnswered());
      read(
          "inputs",
          input.from(),
          input.to(),
          record -> {
            replays.input(record);
            Origin origin = new Origin(record.topic(), record.partition(), record.offset());
            book.input(origin, () -> undecided.test(origin, record));
            return true;
          },
          progress);
      book.close();
      if (replays.anyLeft()) {
        read("replays", input.to(), brokers.stableEnds(job.events()), replays::input, progress);
      }
      if (bounds.stopped()) {
        notEnded(output, brokers);
      }
      List<String> notes = new ArrayList<>(input.notes());
      notes.addAll(undecided.notes());
      DeletedInputs.Judged deleted =
          new DeletedInputs(bounds, output.truncated().isEmpty())
              .judge(input.spans(), book.answeredAndDeleted(), book.seen(), findings);
      notes.addAll(deleted.notes());
      return new AuditReport(
          bounds.stopped(),
          input.judged(),
          book.tally(deleted.unknown()),
          replays.tally(),
          records(answers),
          findings.found(places(output, progress)),
          notes);
    }
  }

  private static SortedMap<String, Long> records(Map<Partition, Answers> answers) {
    SortedMap<String, Long> records = new TreeMap<>();
    answers.forEach((p, its) -> records.merge(p.topic(), its.records, Long::sum));
    return records;
  }

  private static SortedMap<Partition, Long> oldest(Map<Partition, Answers> answers) {
    SortedMap<Partition, Long> oldest = new TreeMap<>();
    answers.forEach((p, its) -> oldest.put(p, its.oldestMs));
    return oldest;
  }

  /** The value of the origin header; null if there is none. */
  private static byte @Nullable [] origin(ConsumerRecord<?, ?> record) {
    Header header = record.headers().lastHeader(Headers.ORIGIN);
    return header == null ? null : header.value();
  }

  private void notEnded(Output output, Brokers brokers) throws IOException, InterruptedException {
    for (OpenTransaction open : brokers.open(job.transactionalIdPrefix())) {
      findings.add(
          Anomaly.OPEN_TRANSACTION,
          () -> "%s is %s".formatted(open.transactionalId(), open.state()));
    }
    for (String unreadable : output.unreadable(brokers)) {
      findings.add(Anomaly.UNREADABLE_END, () -> unreadable);
    }
  }

  /** Searches a second time for the answers to the inputs that examples are about. */
  private Map<Origin, List<String>> places(Output output, ReadingProgress progress)
      throws IOException, InterruptedException {
    OriginSet wanted = findings.wanted();
    Map<Origin, List<String>> places = new HashMap<>();
    if (wanted.isEmpty()) {
      return places;
    }
    OriginReader reader = new OriginReader();
    CommittedRecords.Visitor visitor =
        record -> {
          byte[] header = origin(record);
          Origin origin = header == null ? null : reader.read(header);
          if (origin != null && wanted.contains(origin)) {
            places
                .computeIfAbsent(origin, o -> new ArrayList<>())
                .add(AuditBook.place(record.topic(), record.partition(), record.offset()));
          }
          return true;
        };
    read("places", output.beginnings(), output.stableEnds(), visitor, progress);
    places.values().forEach(Collections::sort);
    return places;
  }

  private void read(
      String phase,
      SortedMap<Partition, Long> from,
      SortedMap<Partition, Long> to,
      CommittedRecords.Visitor visitor,
      ReadingProgress progress)
      throws IOException, InterruptedException {
    CommittedRecords records = new CommittedRecords(job.client(), patience);
    try {
      progress.visit(records, phase, from, to, PROGRESS_EVERY, visitor);
    } catch (CommittedRecords.StalledException e) {
      throw new IOException(
          "the brokers at %s gave nothing more: %s. Are they all there?"
              .formatted(job.client().getProperty("bootstrap.servers"), e.getMessage()),
          e);
    }
  }
}
