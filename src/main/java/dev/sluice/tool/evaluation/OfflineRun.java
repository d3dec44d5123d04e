package dev.sluice.tool.evaluation;

import dev.sluice.codec.EventDecoder;
import dev.sluice.event.Answer.Evaluation;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.ServedBy;
import dev.sluice.model.Champion;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.model.Pending;
import dev.sluice.tool.events.FileEvent;
import dev.sluice.tool.scoring.Column;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Does with the events of a file what the job does with those of its topics, key by key: predicts
 * each observation, and learns from its outcome when that is known. Time is that of the observation
 * at hand. An outcome is known to it if the outcome's own time, and the delay after its
 * observation, are not later; what is not is learned by a later observation. In a file that goes
 * back in time an observation may come after an outcome of its future was learned: it is predicted
 * and learned from, but not scored. So nothing that is scored knows its future, however the file is
 * ordered.
 *
 * <p>Halves of an event meet if their times are no farther apart than the timeout. What nothing
 * meets is given up once 1,000 observations in a row are later by more than the timeout; a few rows
 * whose times are wrong give up nothing.
 *
 * <p>Memory grows with the keys, a model each, and with the outcomes that are awaited, up to a
 * bound. Beyond it the run ends with an error that names a sample of the keys: to forget models or
 * outcomes would give other figures than the job's. Owned by one thread.
 */
public final class OfflineRun {

  /** So many observations in a row say what time it is. */
  private static final int BLOCK = 1_000;

  /** The golden ratio's fraction (Knuth 1998, section 6.4). */
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private final OnlineModel model;
  private final Columns columns;
  private final EventDecoder decoder;
  private final Duration delay;
  private final long timeoutMs;
  private final int oneIn;
  private final Held held;
  private final Consumer<Judged> judged;
  private final Map<String, Key> keys = new HashMap<>();
  private final Baseline pooled;
  private final Map<Joint, Waiting> waiting = new LinkedHashMap<>();
  private final Map<Joint, Outcome> early = new LinkedHashMap<>();
  private final PriorityQueue<Due> due = new PriorityQueue<>();
  private long latestMs = Long.MIN_VALUE;
  private long learnedMs = Long.MIN_VALUE;
  private long blockFromMs = Long.MAX_VALUE;
  private int blockSize;
  private long scanAt = BLOCK;
  private long sequence;
  private long observations;
  private long outcomes;
  private long repeated;
  private long alone;
  private long expired;
  private long backwards;
  private long unscored;
  private long leftOut;

  /**
   * How events are taken.
   *
   * @param decoder of the job
   * @param delay how long after its observation an outcome is known at the earliest
   * @param timeout how long one half of an event waits for the other, in the events' time
   * @param oneIn of how many keys one takes part, chosen by a hash of its name; 1 for all
   * @param mostBytes of heap that models and awaited outcomes may take
   */
  public record Rules(
      EventDecoder decoder, Duration delay, Duration timeout, int oneIn, long mostBytes) {}

  /**
   * What came.
   *
   * @param keys how many different ones
   * @param observations that were predicted
   * @param outcomes that met their observation, scored or not
   * @param repeated events that came again, and were passed over
   * @param outcomesAlone outcomes without an observation, or after the timeout
   * @param observationsAlone observations without an outcome
   * @param backwards observations that are earlier than one before them
   * @param unscored observations that are earlier than an outcome that was learned before them
   * @param leftOut events of keys that take no part
   */
  public record Counts(
      int keys,
      long observations,
      long outcomes,
      long repeated,
      long outcomesAlone,
      long observationsAlone,
      long backwards,
      long unscored,
      long leftOut) {}

  private record Joint(String key, String id) {}

  private static final class Key {
    private final ModelState state;
    private final Baseline constant;
    private long bytes;

    Key(ModelState state, Baseline constant) {
      this.state = state;
      this.constant = constant;
    }
  }

  /** A prediction that waits for its outcome. */
  private static final class Waiting {
    private final long observedMs;
    private final Pending.Predicted pending;
    private final double[] constant;
    private final double[] pooled;
    private final boolean scored;
    private long bytes;
    private boolean outcomeCame;

    Waiting(
        long observedMs,
        Pending.Predicted pending,
        double[] constant,
        double[] pooled,
        boolean scored) {
      this.observedMs = observedMs;
      this.scored = scored;
      this.pending = pending;
      this.constant = constant;
      this.pooled = pooled;
    }
  }

  private record Due(long atMs, long sequence, Joint joint, Outcome outcome)
      implements Comparable<Due> {

    @Override
    public int compareTo(Due other) {
      int byTime = Long.compare(atMs, other.atMs);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }

  /**
   * A run from no models.
   *
   * @param champion read with the same settings; null for none
   * @param board counts each prediction that met its outcome
   */
  public OfflineRun(
      ModelSettings settings, @Nullable Champion champion, Rules rules, EvaluationBoard board) {
    this(settings, champion, rules, board::add);
  }

  /**
   * The same.
   *
   * @param judged is given each prediction that met its outcome, in the order in which they do
   */
  OfflineRun(
      ModelSettings settings, @Nullable Champion champion, Rules rules, Consumer<Judged> judged) {
    this.model = new OnlineModel(settings, champion);
    this.columns = new Columns(settings, champion, model.labels());
    this.decoder = rules.decoder();
    this.delay = rules.delay();
    this.timeoutMs = rules.timeout().toMillis();
    this.oneIn = rules.oneIn();
    this.held = new Held(rules.oneIn(), rules.mostBytes());
    this.judged = judged;
    this.pooled = new Baseline(model.labels());
  }

  /**
   * Takes the next event of the file.
   *
   * @throws IOException if more is to be held than there is memory for
   */
  public void take(FileEvent read) throws IOException {
    if (!takesPart(read.key())) {
      leftOut++;
      return;
    }
    Event event =
        decoder.decode(
            new RawRecord(
                new Origin("file", 0, read.line()), read.timeMs(), read.keyBytes(), read.json()));
    if (event instanceof Observation observation) {
      observe(observation);
    } else if (event instanceof Outcome outcome) {
      learnLater(outcome);
    }
  }

  /** By the upper bits of a product, which depend on all bits of the name's hash. */
  private boolean takesPart(String key) {
    return oneIn == 1
        || Math.floorMod((key.hashCode() * SPREAD) >>> Integer.SIZE, (long) oneIn) == 0;
  }

  /** Learns all that is left, and says what came. */
  public Counts finish() {
    learnWhatIsDue(Long.MAX_VALUE);
    return new Counts(
        keys.size(),
        observations,
        outcomes,
        repeated,
        alone + early.size(),
        expired + waiting.size(),
        backwards,
        unscored,
        leftOut);
  }

  private void observe(Observation observation) throws IOException {
    backwards += observation.timeMs() < latestMs ? 1 : 0;
    latestMs = Math.max(latestMs, observation.timeMs());
    learnWhatIsDue(observation.timeMs());
    forget(observation.timeMs());
    Joint joint = new Joint(observation.key(), observation.id());
    if (waiting.containsKey(joint)) {
      repeated++;
      return;
    }
    Key key = keys.computeIfAbsent(observation.key(), this::newKey);
    observations++;
    boolean scored = observation.timeMs() >= learnedMs;
    unscored += scored ? 0 : 1;
    Waiting predicted =
        new Waiting(
            observation.timeMs(),
            model.predict(key.state, observation).pending(),
            key.constant.outputs(pooled),
            pooled.outputs(null),
            scored);
    waiting.put(joint, predicted);
    hold(predicted, Held.bytes(predicted.pending, joint.key, joint.id));
    weigh(observation.key(), key);
    held.check(keys.size(), waiting.size() + early.size());
    Outcome known = early.remove(joint);
    if (known != null) {
      held.add(-Held.bytes(known));
      learnLater(known);
    }
  }

  private Key newKey(String name) {
    return new Key(model.newState(), new Baseline(model.labels()));
  }

  private void hold(Waiting observed, long bytes) {
    observed.bytes += bytes;
    held.add(bytes);
  }

  /** A model grows with the columns that it learns. */
  private void weigh(String name, Key key) {
    long bytes = Held.ofKey(name, key.state.bytes());
    held.add(bytes - key.bytes);
    key.bytes = bytes;
  }

  private void learnLater(Outcome outcome) throws IOException {
    Joint joint = new Joint(outcome.key(), outcome.id());
    Waiting observed = waiting.get(joint);
    if (observed == null) {
      if (early.putIfAbsent(joint, outcome) != null) {
        repeated++;
        return;
      }
      held.add(Held.bytes(outcome));
      held.check(keys.size(), waiting.size() + early.size());
      return;
    }
    if (observed.outcomeCame) {
      repeated++;
      return;
    }
    if (isTooLate(outcome.timeMs(), observed.observedMs)) {
      alone++;
      return;
    }
    observed.outcomeCame = true;
    long atMs = Math.max(outcome.timeMs(), observed.observedMs + delay.toMillis());
    due.add(new Due(atMs, sequence++, joint, outcome));
    hold(observed, Held.bytes(outcome));
  }

  private boolean isTooLate(long outcomeMs, long observedMs) {
    return Math.max(outcomeMs, observedMs) - timeoutMs > Math.min(outcomeMs, observedMs);
  }

  private void learnWhatIsDue(long nowMs) {
    for (Due first = due.peek(); first != null && first.atMs <= nowMs; first = due.peek()) {
      Due next = due.remove();
      Waiting observed = waiting.remove(next.joint);
      if (observed == null) {
        throw new IllegalStateException("no observation of the outcome (%s)".formatted(next.joint));
      }
      held.add(-observed.bytes);
      learnedMs = Math.max(learnedMs, next.atMs);
      learn(next.outcome, observed);
    }
  }

  private void learn(Outcome outcome, Waiting observed) {
    Key key = keys.get(outcome.key());
    if (key == null) {
      throw new IllegalStateException("no model of the key (%s)".formatted(outcome.key()));
    }
    Evaluation evaluation = model.evaluate(key.state, observed.pending, outcome, true);
    weigh(outcome.key(), key);
    List<Column> said = columns.of(evaluation, key.state, observed.pending);
    said.add(columns.constant("constant", observed.constant, outcome));
    said.add(columns.constant("pooled", observed.pooled, outcome));
    key.constant.learn(outcome.target());
    pooled.learn(outcome.target());
    outcomes++;
    if (!observed.scored) {
      return;
    }
    judged.accept(
        new Judged(
            outcome.key(),
            observed.observedMs,
            outcome.target(),
            evaluation.servedBy() == ServedBy.CHAMPION,
            said));
  }

  /**
   * Gives up what has waited for longer than the job would wait. What waits is looked through only
   * when it has doubled, so that each event costs the same.
   */
  private void forget(long timeMs) {
    blockFromMs = Math.min(blockFromMs, timeMs);
    if (++blockSize < BLOCK) {
      return;
    }
    long oldest = blockFromMs - timeoutMs;
    blockFromMs = Long.MAX_VALUE;
    blockSize = 0;
    long held = waiting.size() + (long) early.size();
    if (held < scanAt) {
      return;
    }
    int observed = waiting.size();
    waiting
        .values()
        .removeIf(one -> !one.outcomeCame && one.observedMs < oldest && releases(one.bytes));
    expired += observed - waiting.size();
    int known = early.size();
    early.values().removeIf(one -> one.timeMs() < oldest && releases(Held.bytes(one)));
    alone += known - early.size();
    scanAt = Math.max(BLOCK, 2L * (waiting.size() + early.size()));
  }

  private boolean releases(long bytes) {
    held.add(-bytes);
    return true;
  }
}
