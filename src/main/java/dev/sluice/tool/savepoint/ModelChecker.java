package dev.sluice.tool.savepoint;

import dev.sluice.control.ControlState;
import dev.sluice.ledger.OriginSet;
import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import dev.sluice.state.Uids;
import dev.sluice.tool.receipt.Receipt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** Adds up and judges every entry of the keyed state, one at a time. */
final class ModelChecker implements KeyedEntries.Visitor {

  private static final int MOST_PROBLEMS = 20;

  private final EntryFormat format;
  private final Soundness soundness;
  private final ControlState orders;
  private final List<String> problems = new ArrayList<>();
  private final OriginSet held = new OriginSet();

  private long faults;
  private long keys;
  private long bytes;
  private long predictions;
  private long updates;
  private long refusedUpdates;
  private long evaluations;
  private long lastingPredictions;
  private long lastingUpdates;
  private long lastingEvaluations;
  private long pendingObservations;
  private long waitingOutcomes;

  /**
   * @param orders what the models are still to follow; read by several threads, changed by none
   */
  ModelChecker(EntryFormat format, Soundness soundness, ControlState orders) {
    this.format = format;
    this.soundness = soundness;
    this.orders = orders;
  }

  @Override
  public void entry(String state, byte[] key, byte[] value) throws IOException {
    if (state.equals(Uids.MODEL_STATE)) {
      model(key, value);
    } else if (state.equals(Uids.PENDING_STATE)) {
      pending(key, value);
    }
  }

  /** What several have found of parts of the state, as if one had been shown them in this order. */
  static ModelCheck together(List<ModelChecker> parts) {
    List<String> problems = new ArrayList<>();
    OriginSet held = new OriginSet();
    for (ModelChecker part : parts) {
      part.problems.stream().limit(MOST_PROBLEMS - problems.size()).forEach(problems::add);
      held.addAll(part.held);
    }
    long faults = sum(parts, part -> part.faults);
    if (faults > problems.size()) {
      problems.add(String.format(Locale.ROOT, "and %,d more problems", faults - problems.size()));
    }
    return new ModelCheck(
        new Receipt.Models(
            sum(parts, part -> part.keys),
            sum(parts, part -> part.bytes),
            sum(parts, part -> part.predictions),
            sum(parts, part -> part.updates),
            sum(parts, part -> part.refusedUpdates),
            sum(parts, part -> part.evaluations),
            sum(parts, part -> part.pendingObservations),
            sum(parts, part -> part.waitingOutcomes)),
        new ModelCheck.LastingCounters(
            sum(parts, part -> part.lastingUpdates),
            sum(parts, part -> part.lastingPredictions),
            sum(parts, part -> part.lastingEvaluations)),
        List.copyOf(problems),
        held.compress());
  }

  private static long sum(List<ModelChecker> parts, ToLongFunction<ModelChecker> count) {
    return parts.stream().mapToLong(count).sum();
  }

  private void model(byte[] key, byte[] value) throws IOException {
    keys++;
    bytes += value.length;
    ModelState model;
    try {
      model = format.model(value);
    } catch (IOException | RuntimeException e) {
      fault("key (%s): its model can't be read: %s", key, e);
      return;
    }
    predictions += model.predictions;
    updates += model.updates;
    refusedUpdates += model.refusedUpdates;
    evaluations += model.evaluations;
    if (model.generation >= resetOf(key)) {
      lastingPredictions += model.predictions;
      lastingUpdates += model.updates;
      lastingEvaluations += model.evaluations;
    }
    String fault = soundness.fault(model);
    if (fault != null && counts()) {
      problems.add("key (%s): %s".formatted(format.key(key), fault));
    }
  }

  private long resetOf(byte[] key) throws IOException {
    return orders.keyResets().isEmpty()
        ? orders.numbers().everyKeyReset()
        : orders.resetOf(format.key(key));
  }

  private void pending(byte[] key, byte[] value) throws IOException {
    Pending half;
    try {
      half = format.pending(value);
    } catch (IOException | RuntimeException e) {
      fault("key (%s): something pending can't be read: %s", key, e);
      return;
    }
    if (half instanceof Pending.EarlyOutcome early) {
      waitingOutcomes++;
      held.add(early.outcome().raw().origin());
    } else {
      pendingObservations++;
      String fault = soundness.fault((Pending.Predicted) half);
      if (fault != null && counts()) {
        problems.add(
            "key (%s): the prediction with id (%s) that waits for its outcome: %s"
                .formatted(format.key(key), format.id(key), fault));
      }
    }
  }

  private void fault(String sentence, byte[] key, Exception cause) throws IOException {
    if (counts()) {
      problems.add(sentence.formatted(format.key(key), BadSnapshotException.reason(cause)));
    }
  }

  /** Counts a fault; whether it is one of those that are reported. */
  private boolean counts() {
    faults++;
    return faults <= MOST_PROBLEMS;
  }
}
