package dev.sluice.job;

import dev.sluice.event.ControlRecord;
import dev.sluice.event.Origin;
import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.AnswerJournal;
import dev.sluice.settings.JobSettings;
import dev.sluice.state.KeyCache;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The keyed operator without fence and brokers: a test says what is committed. */
final class LearnsAlone extends LearnAndPredictOperator {

  private static final long serialVersionUID = 1L;

  private transient @Nullable Committed committed;
  private transient boolean awaited;
  private transient List<String> changedRules = List.of();

  /**
   * What a restored task finds.
   *
   * @param ahead what is committed beyond the snapshot
   * @param commands the control topic, each at the offset of its place
   * @param lookups what was looked up for the answers
   */
  record Committed(AheadAnswers ahead, List<ControlRecord> commands, List<Lookup> lookups) {}

  /**
   * What a published answer says of its lookup.
   *
   * @param answer as {@link PublishedLookups} keeps it
   */
  record Lookup(String key, Origin input, byte[] answer) {}

  LearnsAlone(Map<String, String> settings, byte @Nullable [] champion, int cachedKeys) {
    this(
        new LearnAndPredict(JobSettings.of(settings), champion),
        new KeyCache.Limit(cachedKeys, 1 << 20));
  }

  LearnsAlone(LearnAndPredict function, KeyCache.Limit cache) {
    this(function, new JobSettings.Cache(cache.keys(), cache.bytes()));
  }

  LearnsAlone(LearnAndPredict function, JobSettings.Cache cache) {
    super(function, cache, new ControlGate(function.settings().model(), new ModelStore("")));
  }

  void find(Committed found) {
    committed = found;
  }

  /** The sources have passed everything that was found. */
  void pass() {
    committed = null;
  }

  /** Whether it has waited for the other subtasks to restore their state. */
  boolean hasAwaitedOthers() {
    return awaited;
  }

  /** Which rules for events it has warned of. */
  List<String> changedRules() {
    return changedRules;
  }

  @Override
  void tellChangedRules(List<String> changed) {
    super.tellChangedRules(changed);
    changedRules = changed;
  }

  @Override
  void awaitOtherSubtasks() {
    awaited = true;
  }

  @Override
  AheadAnswers committedBeyond() {
    return committed == null ? new AheadAnswers() : committed.ahead();
  }

  @Override
  List<ControlRecord> commands(long from, long to, AnswerJournal journal) {
    return committed == null
        ? List.of()
        : committed.commands().subList((int) from, (int) Math.min(to, committed.commands().size()));
  }

  @Override
  void committedLookups(Predicate<String> isMine, CommittedLookups.Keeper keeper) throws Exception {
    for (Lookup lookup : committed == null ? List.<Lookup>of() : committed.lookups()) {
      if (isMine.test(lookup.key())) {
        keeper.keep(lookup.key(), lookup.input(), lookup.answer());
      }
    }
  }

  @Override
  boolean replayIsOver() {
    return committed == null;
  }
}
