package dev.sluice.tool.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.sluice.codec.EventDecoder;
import dev.sluice.codec.Headers;
import dev.sluice.codec.OriginReader;
import dev.sluice.enrich.Merged;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.kafka.CommittedRecords;
import dev.sluice.ledger.Partition;
import dev.sluice.model.ChampionTrainer.Example;
import dev.sluice.tool.broker.Brokers;
import dev.sluice.tool.broker.ReadingProgress;
import dev.sluice.tool.training.AnswerReader.Evaluated;
import dev.sluice.tool.training.AnswerReader.Joint;
import dev.sluice.tool.training.MetOutcomes.Met;
import dev.sluice.tool.training.MetOutcomes.Pair;
import dev.sluice.tool.training.MetOutcomes.Predicted;
import dev.sluice.tool.training.TrainingEvents.Joined;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Examples from a job's topics: what the job itself has joined. The evaluations say which outcomes
 * met an observation, the predictions which observation that was and what was looked up for it, and
 * the input topics have its features. So nothing that the job made a dead letter, deferred, forgot
 * or let time out is an example, whatever its settings were then, and features are those that its
 * models saw.
 *
 * <p>Reads what is committed up to where the topics end at the start. Of an input partition the
 * range is read that holds the observations, and only these are decoded. Holds the newest outcomes
 * up to a limit, with the features of their observations, and refuses to hold more than a number of
 * bytes. A record among the answers that is none is counted and passed over. Used by one thread.
 */
public final class AnsweredExamples {

  private static final int PROGRESS_EVERY = 1 << 14;

  /** Predictions are older than the evaluations by the timeout, and by as long as the job stood. */
  private static final Duration STOOD = Duration.ofDays(1);

  private final Brokers brokers;
  private final CommittedRecords records;
  private final Job job;
  private final Bounds bounds;
  private final ReadingProgress progress;
  private final OriginReader origins = new OriginReader();
  private final AnswerReader answers;
  private final MetOutcomes met;
  private final HeldMemory memory;
  private Set<Partition> partitions = Set.of();
  private Unreadable unreadable = Unreadable.NONE;
  private long notLearned;
  private long unknownTargets;
  private long foreign;
  private long unusable;

  /**
   * Whose topics are read.
   *
   * @param client properties of a Kafka client; may hold secrets
   * @param evaluations the topic of its evaluations
   * @param predictions the topic of its predictions
   * @param events the topics of its input
   * @param decoder of the job
   * @param labels the job's; none in regression
   * @param timeout how long an observation waits for its outcome
   */
  public record Job(
      Properties client,
      String evaluations,
      String predictions,
      List<String> events,
      EventDecoder decoder,
      List<String> labels,
      Duration timeout) {}

  /**
   * Which examples are wanted.
   *
   * @param sinceMs of outcomes that were evaluated from then on, by the record's time; 0 for all
   * @param limit the newest so many, by the outcomes' times
   * @param without names of features that are left out
   * @param mostBytes more is refused
   */
  public record Bounds(long sinceMs, int limit, Set<String> without, long mostBytes) {}

  /**
   * What was not taken, and why.
   *
   * @param older outcomes beyond the limit, older than all that were taken
   * @param notLearned outcomes that the job did not learn from, as while learning was paused
   * @param unknownTargets outcomes that a job of these settings could not learn
   * @param unusable observations that a job of these settings could not take, or that are not what
   *     was predicted
   * @param deleted outcomes whose observation, or the prediction of it, is not there any more
   * @param foreign evaluations of inputs that are none of these topics'
   * @param unreadable records among the answers that are none
   */
  public record LeftOut(
      long older,
      long notLearned,
      long unknownTargets,
      long unusable,
      long deleted,
      long foreign,
      Unreadable unreadable) {}

  /**
   * What the topics held.
   *
   * @param joined observations that met their outcome, in the order of the outcomes' times
   */
  public record Read(List<Joined> joined, LeftOut leftOut) {}

  /**
   * Prepares a reading.
   *
   * @param patience how long the brokers may give nothing
   */
  public AnsweredExamples(
      Brokers brokers, Job job, Bounds bounds, Duration patience, ReadingProgress progress) {
    this.brokers = brokers;
    this.records = new CommittedRecords(job.client(), patience);
    this.job = job;
    this.bounds = bounds;
    this.progress = progress;
    this.answers = new AnswerReader(job.labels());
    this.met = new MetOutcomes(bounds.limit());
    this.memory = new HeldMemory(bounds.mostBytes(), bounds.limit());
  }

  /**
   * Reads, once.
   *
   * @throws IOException if the brokers do not let it, or the examples take too much memory
   */
  public Read read() throws IOException, InterruptedException {
    List<String> topics = new ArrayList<>(job.events());
    topics.add(job.evaluations());
    topics.add(job.predictions());
    SortedMap<Partition, Long> ends = brokers.stableEnds(topics);
    partitions = ends.keySet();
    SortedMap<Partition, Long> begins = brokers.beginnings(topics);
    visit(
        "evaluations",
        since(job.evaluations(), bounds.sinceMs(), begins, ends),
        of(job.evaluations(), ends),
        this::evaluated);
    met.close();
    readPredictions(begins, ends);
    List<Pair> pairs = met.pairs();
    Map<Origin, Features> features = readObservations(pairs, begins, ends);
    List<Joined> joined = new ArrayList<>(features.size());
    for (Pair pair : pairs) {
      Features seen = features.get(pair.predicted().observation());
      if (seen != null) {
        joined.add(
            new Joined(
                new Example(seen, pair.met().target()),
                pair.predicted().writtenMs(),
                pair.met().writtenMs()));
      }
    }
    return new Read(joined, leftOut(joined.size()));
  }

  private LeftOut leftOut(int joined) {
    return new LeftOut(
        met.older(),
        notLearned,
        unknownTargets,
        unusable,
        met.size() - joined - unusable,
        foreign,
        unreadable);
  }

  private void evaluated(ConsumerRecord<ByteBuffer, ByteBuffer> record) throws IOException {
    if (record.timestamp() < bounds.sinceMs()) {
      return;
    }
    Origin outcome = origin(record);
    if (outcome == null || !isOfTheJob(outcome)) {
      foreign++;
      return;
    }
    Evaluated evaluated = parsed(record, answers::evaluation);
    if (evaluated == null || !met.isFirst(outcome)) {
      return;
    }
    if (evaluated.target() == null) {
      unknownTargets++;
    } else if (!evaluated.learned()) {
      notLearned++;
    } else {
      Met added =
          new Met(
              evaluated.joint(),
              outcome,
              evaluated.outcomeMs(),
              record.timestamp(),
              evaluated.target());
      Met left = met.add(added);
      memory.outcome(added.joint(), left == null ? null : left.joint());
    }
  }

  private boolean isOfTheJob(Origin origin) {
    return job.events().contains(origin.topic())
        && partitions.contains(new Partition(origin.topic(), origin.partition()));
  }

  /**
   * Where the first reading does not find all, the job stood for longer: then from the beginning.
   */
  private void readPredictions(SortedMap<Partition, Long> begins, SortedMap<Partition, Long> ends)
      throws IOException, InterruptedException {
    long fromMs = bounds.sinceMs() - job.timeout().plus(STOOD).toMillis();
    SortedMap<Partition, Long> to = of(job.predictions(), ends);
    SortedMap<Partition, Long> from = since(job.predictions(), fromMs, begins, ends);
    visit("predictions", from, to, this::predicted);
    if (met.open() > 0) {
      visit("older predictions", of(job.predictions(), begins), from, this::predicted);
    }
  }

  private void predicted(ConsumerRecord<ByteBuffer, ByteBuffer> record) throws IOException {
    Origin observation = origin(record);
    if (observation == null || !isOfTheJob(observation)) {
      return;
    }
    Joint joint = parsed(record, answers::prediction);
    if (joint != null && met.wants(joint, observation)) {
      byte[] value = CommittedRecords.bytes(record.value());
      Features found = value == null ? null : answers.lookup(value);
      memory.prediction(found);
      met.add(joint, new Predicted(observation, record.timestamp(), found));
    }
  }

  private Map<Origin, Features> readObservations(
      List<Pair> pairs, SortedMap<Partition, Long> begins, SortedMap<Partition, Long> ends)
      throws IOException, InterruptedException {
    Map<Origin, Pair> wanted = new HashMap<>();
    SortedMap<Partition, Long> from = new TreeMap<>();
    SortedMap<Partition, Long> to = new TreeMap<>();
    for (Pair pair : pairs) {
      Origin at = pair.predicted().observation();
      wanted.put(at, pair);
      Partition partition = new Partition(at.topic(), at.partition());
      from.merge(partition, at.offset(), Math::min);
      to.merge(partition, at.offset() + 1, Math::max);
    }
    from.replaceAll((p, first) -> Math.max(first, begins.getOrDefault(p, 0L)));
    to.replaceAll((p, end) -> Math.min(end, ends.getOrDefault(p, 0L)));
    Map<Origin, Features> seen = new HashMap<>();
    visit(
        "events",
        from,
        to,
        record -> {
          Origin at = new Origin(record.topic(), record.partition(), record.offset());
          Pair pair = wanted.get(at);
          if (pair != null) {
            Features features = observed(at, record, pair);
            if (features == null) {
              unusable++;
            } else {
              seen.put(at, features);
            }
          }
        });
    return seen;
  }

  /** The features that the models saw; null if the job would not take this any more. */
  private @Nullable Features observed(
      Origin at, ConsumerRecord<ByteBuffer, ByteBuffer> record, Pair pair) throws IOException {
    byte[] value = CommittedRecords.bytes(record.value());
    Event event =
        job.decoder()
            .decode(
                new RawRecord(at, record.timestamp(), CommittedRecords.bytes(record.key()), value));
    Joint joint = pair.met().joint();
    if (!(event instanceof Observation observation)
        || !joint.equals(new Joint(observation.key(), observation.id(), observation.timeMs()))) {
      return null;
    }
    Features own = observation.features();
    Features found = pair.predicted().found();
    Features kept =
        TrainingEvents.without(bounds.without(), found == null ? own : Merged.of(own, found));
    memory.example(kept);
    return kept;
  }

  private @Nullable Origin origin(ConsumerRecord<?, ?> record) {
    Header header = record.headers().lastHeader(Headers.ORIGIN);
    return header == null || header.value() == null ? null : origins.read(header.value());
  }

  /** Takes one record. */
  private interface Visitor {
    void visit(ConsumerRecord<ByteBuffer, ByteBuffer> record) throws IOException;
  }

  /** Makes something of an answer's value. */
  private interface Parser<T> {
    T parse(byte[] value) throws IOException;
  }

  /** What an answer says; null if it is none, which is counted. */
  private <T> @Nullable T parsed(ConsumerRecord<ByteBuffer, ByteBuffer> record, Parser<T> parser) {
    byte[] value = CommittedRecords.bytes(record.value());
    try {
      return parser.parse(value == null ? new byte[0] : value);
    } catch (JsonProcessingException e) {
      unreadable = unreadable.and(record, e.getOriginalMessage());
    } catch (IOException e) {
      unreadable = unreadable.and(record, String.valueOf(e.getMessage()));
    }
    return null;
  }

  private void visit(
      String what, SortedMap<Partition, Long> from, SortedMap<Partition, Long> to, Visitor visitor)
      throws IOException, InterruptedException {
    try {
      progress.visit(
          records,
          what,
          from,
          to,
          PROGRESS_EVERY,
          record -> {
            try {
              visitor.visit(record);
              return true;
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static SortedMap<Partition, Long> of(String topic, SortedMap<Partition, Long> all) {
    SortedMap<Partition, Long> some = new TreeMap<>(all);
    some.keySet().removeIf(partition -> !partition.topic().equals(topic));
    return some;
  }

  /** The first offsets from a time on; the end where there is no such record. */
  private SortedMap<Partition, Long> since(
      String topic, long timeMs, SortedMap<Partition, Long> begins, SortedMap<Partition, Long> ends)
      throws IOException, InterruptedException {
    SortedMap<Partition, Long> from = of(topic, begins);
    if (timeMs > 0) {
      brokers
          .since(Set.of(topic), timeMs)
          .forEach(
              (p, first) ->
                  from.computeIfPresent(
                      p,
                      (same, begin) ->
                          first < 0 ? ends.getOrDefault(p, begin) : Math.max(begin, first)));
    }
    return from;
  }
}
