package dev.sluice.ledger;

import dev.sluice.event.Origin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The simple model of the truth: a broker, attempts of the job that come and go, a user who
 * restores what he likes. Knows what a snapshot counts as answered from the sources' positions
 * alone, and what is committed from the broker alone, and holds the fence's verdict to it.
 */
final class FenceSimulation {

  private final long seed;
  private final Scenario setting;
  private final Random random;
  private final Broker broker;
  private final List<Snapshot> completed = new ArrayList<>();
  private final List<Transaction> toldToCommit = new ArrayList<>();
  private final List<Transaction> stillWritten = new ArrayList<>();
  private final Tally tally = new Tally();
  private @Nullable Attempt attempt;
  private @Nullable Attempt last;
  private @Nullable Snapshot healing;
  private boolean beyondHelp;

  /** What happened in a case, to see that cases are not idle. */
  static final class Tally {
    int attempts;
    int restores;
    int refused;
    int healed;
    int beyondHelp;
    int crashes;
    long suppressed;

    void add(Tally other) {
      attempts += other.attempts;
      restores += other.restores;
      refused += other.refused;
      healed += other.healed;
      beyondHelp += other.beyondHelp;
      crashes += other.crashes;
      suppressed += other.suppressed;
    }
  }

  FenceSimulation(long seed, Flaw flaw) {
    this.seed = seed;
    this.setting = Scenario.of(seed, flaw);
    this.random = setting.random();
    this.broker = new Broker(setting.outputs());
  }

  /**
   * Runs the case, then drains the job and checks the output.
   *
   * @throws AssertionError if the fence's verdict or the output is not what it must be
   */
  Tally run() {
    int steps = 100 + random.nextInt(1500);
    for (int i = 0; i < steps && !beyondHelp; i++) {
      step();
    }
    for (int i = 0; !beyondHelp && !drained(); i++) {
      require(i < 200, "the job does not come to its end");
    }
    if (!beyondHelp) {
      everyInputIsAnsweredOnce();
    }
    return tally;
  }

  private void step() {
    TransactionDeadline.Limits limits = setting.limits();
    if (limits != null) {
      broker.pass(random.nextInt(3), limits.transactionTimeout().toMillis());
      if (attempt != null) {
        attempt.giveUpWhatIsLate();
      }
    }
    if (setting.happens(setting.chances().forget())) {
      broker.forget();
    }
    if (attempt == null) {
      start();
    } else if (setting.happens(setting.chances().kill())) {
      kill();
    } else if (broker.countOpen() > 0 && setting.happens(setting.chances().expire())) {
      broker.abort(broker.open(random.nextInt(broker.countOpen())));
    } else if (!toldToCommit.isEmpty() && random.nextInt(10) == 0) {
      broker.commit(toldToCommit.remove(random.nextInt(toldToCommit.size())));
    } else if (!stillWritten.isEmpty() && random.nextInt(10) == 0) {
      Transaction dead = stillWritten.get(random.nextInt(stillWritten.size()));
      Origin some = setting.inputs().get(0).get(0).origin();
      broker.append(random.nextInt(setting.outputs()), dead, some);
    } else {
      Snapshot snapshot = attempt.step();
      if (snapshot != null) {
        completed.add(snapshot);
      }
      lookAfterIt();
    }
  }

  /** A user's quiet end: no accidents any more. */
  private boolean drained() {
    toldToCommit.clear();
    Attempt running = attempt == null ? start() : attempt;
    completed.addAll(running.settle());
    lookAfterIt();
    if (attempt == null || running.unjudged() != null) {
      return false;
    }
    completed.addAll(running.settle());
    lookAfterIt();
    if (attempt == null) {
      return false;
    }
    require(running.isDone(), "the job is stuck");
    if (running.isCommitted()) {
      kill();
      return true;
    }
    running.trigger();
    return false;
  }

  @SuppressWarnings("ReferenceEquality") // it is about this very snapshot, not a similar one
  private Attempt start() {
    Snapshot from = choose();
    boolean recovers = last != null && (from == null || from == newest());
    int parallelism =
        last != null && random.nextBoolean() ? last.parallelism() : 1 + random.nextInt(5);
    RestoreBarrier meeting = new RestoreBarrier(parallelism);
    if (last != null && last.parallelism() == parallelism && last.state().snapshot() == from) {
      meeting = last.meeting();
      for (int i = 0; i < parallelism; i++) {
        meeting.leave(i);
      }
    }
    long nextId = from == null ? 1 : from.id() + 1;
    if (recovers && last != null && random.nextInt(3) > 0) {
      nextId = Math.max(nextId, last.nextId());
    }
    RestoredState state = new RestoredState(setting, broker, from, parallelism);
    Attempt started = new Attempt(setting, broker, state, meeting, nextId);
    attempt = started;
    last = started;
    tally.attempts++;
    return started;
  }

  private @Nullable Snapshot choose() {
    if (healing != null || completed.isEmpty()) {
      return healing;
    }
    return random.nextInt(5) < 3 ? newest() : completed.get(random.nextInt(completed.size()));
  }

  private @Nullable Snapshot newest() {
    return completed.isEmpty() ? null : completed.get(completed.size() - 1);
  }

  private void kill() {
    if (attempt != null) {
      toldToCommit.addAll(attempt.toldToCommit());
      stillWritten.clear();
      stillWritten.addAll(attempt.current());
      tally.suppressed += attempt.suppressed();
    }
    attempt = null;
  }

  private void lookAfterIt() {
    if (attempt == null) {
      return;
    }
    require(!attempt.crashedUnjudged(), "a restore fails before it is judged, and would for ever");
    require(!attempt.hasLostInTime(), "a snapshot has outlived a transaction that it counts on");
    Verdict verdict = attempt.unjudged();
    if (attempt.crashed()) {
      tally.crashes++;
      kill();
    } else if (verdict != null) {
      judge(attempt, verdict, attempt.state().snapshot());
    }
  }

  private void judge(Attempt restored, Verdict verdict, @Nullable Snapshot snapshot) {
    if (snapshot == null) {
      restored.admit(verdict);
      return;
    }
    tally.restores++;
    Set<Origin> missing = counted(snapshot);
    missing.removeAll(broker.answers().keySet());
    require(
        verdict.allMissing().equals(setOf(missing)),
        "snapshot %s misses %s, but the verdict is %s",
        snapshot.id(),
        setOf(missing),
        verdict);
    if (!missing.isEmpty()) {
      refuse(verdict, snapshot);
      return;
    }
    tally.healed += healing == null ? 0 : 1;
    healing = null;
    OriginSet later = answeredAfter(snapshot);
    require(
        verdict.replayed() <= later.size(),
        "only %s are answered after snapshot %s, but the verdict is %s",
        later,
        snapshot.id(),
        verdict);
    OriginSet ahead = restored.state().aheadWith(verdict.ahead());
    later.removeAll(ahead);
    require(later.isEmpty(), "would answer %s again", later);
    ahead.removeAll(setOf(broker.answers().keySet()));
    require(ahead.isEmpty(), "would suppress %s, which is not answered", ahead);
    restored.admit(verdict);
  }

  private void refuse(Verdict verdict, Snapshot snapshot) {
    require(healing == null, "the snapshot %s that should heal is refused", snapshot.id());
    tally.refused++;
    kill();
    long firstMissing = verdict.missing().firstKey();
    long settled = verdict.note().settledId();
    require(settled < firstMissing, "%s is settled, but %s is missing", settled, firstMissing);
    Snapshot lastSettled = snapshot.before(settled + 1);
    require(
        settled == 0 || (lastSettled != null && lastSettled.id() == settled),
        "the settled snapshot %s was never completed",
        settled);
    healing =
        lastSettled != null && random.nextBoolean() ? lastSettled : snapshot.before(firstMissing);
    beyondHelp = healing == null;
    tally.beyondHelp += beyondHelp ? 1 : 0;
  }

  /** The inputs that a snapshot counts as answered: read by the sources, and not held. */
  private Set<Origin> counted(Snapshot snapshot) {
    Set<Origin> counted = new HashSet<>();
    for (int p = 0; p < snapshot.positions().length; p++) {
      for (int i = 0; i < snapshot.positions()[p]; i++) {
        counted.add(setting.inputs().get(p).get(i).origin());
      }
    }
    snapshot.parts().forEach(part -> part.held().forEach(input -> counted.remove(input.origin())));
    return counted;
  }

  private OriginSet answeredAfter(Snapshot snapshot) {
    Set<Origin> answered = new HashSet<>(broker.answers().keySet());
    answered.removeAll(counted(snapshot));
    return setOf(answered);
  }

  private void everyInputIsAnsweredOnce() {
    Map<Origin, Integer> wrong = new HashMap<>();
    Map<Origin, Integer> answers = broker.answers();
    for (List<Input> inputs : setting.inputs()) {
      for (Input input : inputs) {
        int times = answers.getOrDefault(input.origin(), 0);
        if (times != 1) {
          wrong.put(input.origin(), times);
        }
      }
    }
    require(wrong.isEmpty(), "not answered once: %s", wrong);
  }

  private static OriginSet setOf(Set<Origin> origins) {
    OriginSet set = new OriginSet();
    origins.forEach(set::add);
    return set;
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be one more dependency
  private void require(boolean holds, String message, Object... arguments) {
    if (!holds) {
      throw new AssertionError("seed %s: ".formatted(seed) + message.formatted(arguments));
    }
  }
}
