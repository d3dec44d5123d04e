package dev.sluice.job;

import dev.sluice.event.Answer.ControlReply;
import dev.sluice.event.Answer.DeadLetter;
import dev.sluice.event.Answer.Deferred;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Event;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Origin;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.OutputTopic;
import dev.sluice.event.Reason;
import dev.sluice.ledger.AheadAnswers;
import dev.sluice.ledger.OriginSet;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.model.Pending;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** One subtask of the simulated job: what {@link LearnAndPredict} does, without Flink. */
class ReplaySubtask {

  /**
   * An answer on its way to the output.
   *
   * @param value owned by the record
   */
  record Answer(Origin origin, OutputTopic topic, byte[] value, long position) {

    @Override
    public String toString() {
      return "%s for %s under %s: %s"
          .formatted(
              topic, origin, position, new String(value, java.nio.charset.StandardCharsets.UTF_8));
    }
  }

  private final ReplayWorld world;
  private final Random random;
  private final int index;
  private final int parallelism;
  private final AheadAnswers ahead;
  private final ControlHistory history;
  private final OpenForgets forgets = new OpenForgets();
  private final Map<String, ModelState> models = new TreeMap<>();
  private final Map<String, Pending> halves = new HashMap<>();
  private final OriginSet answered;
  private final int[] next;
  private int nextCommand;
  private ReplayTransaction transaction = new ReplayTransaction();
  private ControlHistory.Version now;

  ReplaySubtask(
      ReplayWorld world,
      int index,
      int parallelism,
      ReplaySnapshot from,
      AheadAnswers ahead,
      List<ControlRecord> commands) {
    this.world = world;
    this.random = world.random();
    this.index = index;
    this.parallelism = parallelism;
    this.ahead = ahead;
    this.answered = from.answered().copy();
    this.next = from.cut().events().stream().mapToInt(Integer::intValue).toArray();
    this.nextCommand = from.cut().commands();
    from.models().forEach((key, model) -> putIfMine(models, key, key, model));
    from.halves().forEach((id, half) -> putIfMine(halves, id.substring(0, 2), id, half));
    history = new ControlHistory(from.base().copy(), from.position(), ReplayWorld.CONTROL);
    if (!ahead.origins().isEmpty()) {
      history.beginReplay(ahead);
    }
    from.since().forEach(history::carryOut);
    forgets.restore(from.forgets(), this::isMine);
    if (world.flaw() != ReplayWorld.Flaw.WAITS_FOR_COMMANDS) {
      long to = ControlHistory.committedPosition(ahead);
      for (long at = history.newest().position(); at < to; at++) {
        carriedOut(commands.get((int) at), history.carryOut(commands.get((int) at)));
      }
    }
    now = history.newest();
  }

  private <T> void putIfMine(Map<String, T> all, String key, String name, T value) {
    if (isMine(key)) {
      all.put(name, value);
    }
  }

  private boolean isMine(String key) {
    return Integer.parseInt(key.substring(1)) % parallelism == index;
  }

  Map<String, ModelState> models() {
    return models;
  }

  Map<String, Pending> halves() {
    return halves;
  }

  OriginSet answered() {
    return answered.copy();
  }

  ReplayTransaction endTransaction() {
    ReplayTransaction ended = transaction;
    transaction = new ReplayTransaction();
    return ended;
  }

  ControlHistory.Stored stored() {
    return switch (world.flaw()) {
      case FORGETS_BASE -> new ControlHistory.Stored(history.newest(), List.of());
      case FORGETS_SINCE -> new ControlHistory.Stored(history.stored().base(), List.of());
      default -> history.stored();
    };
  }

  void endReplayIf(boolean passed) {
    boolean early = world.flaw() == ReplayWorld.Flaw.ENDS_EARLY;
    if (history.isReplaying() && (early || (passed && random.nextBoolean()))) {
      history.endReplay();
    }
    if (!history.isReplaying()) {
      forgetAll();
    }
  }

  /** What a replay has left: its keys had no event behind the command. */
  void forgetAll() {
    forgets.keys().forEach(key -> forget(key, Long.MAX_VALUE));
  }

  List<String[]> openForgets() {
    return world.flaw() == ReplayWorld.Flaw.FORGETS_WHAT_TO_FORGET ? List.of() : forgets.stored();
  }

  private void carriedOut(ControlRecord record, ControlReply reply) {
    String key = reply.forgotten();
    if (key != null && isMine(key)) {
      forgets.add(key, record.raw().origin().offset());
      if (!history.isReplaying() || world.flaw() == ReplayWorld.Flaw.FORGETS_KEYS_AT_ONCE) {
        forget(key, Long.MAX_VALUE);
      }
    }
  }

  private void forget(String key, long position) {
    models.remove(key);
    for (String name : List.copyOf(halves.keySet())) {
      boolean spared =
          forgets.spares(key, name.substring(key.length()))
              && world.flaw() != ReplayWorld.Flaw.SPARES_NO_OUTCOME;
      if (name.startsWith(key) && !spared) {
        if (halves.remove(name) instanceof Pending.EarlyOutcome early) {
          emit(
              new DeadLetter(
                  early.outcome().raw(), Reason.OUTCOME_WITHOUT_OBSERVATION, "forgotten"),
              world.flaw() == ReplayWorld.Flaw.ANSWERS_BEHIND_THE_COMMAND
                  ? history.newest().position()
                  : forgets.beforeOpen(key, history.newest().position()));
        }
      }
    }
    forgets.followed(key, position);
  }

  /** Processes its inputs up to a barrier, in any order of the inputs. */
  void run(ReplayCut cut, List<List<Event>> inputs, List<ControlRecord> commands) {
    List<Integer> open = new ArrayList<>();
    for (int p = -1; p < next.length; p++) {
      open.add(p);
    }
    while (!open.isEmpty()) {
      int p = open.get(random.nextInt(open.size()));
      if (p < 0 ? nextCommand >= cut.commands() : next[p] >= cut.events().get(p)) {
        open.remove((Integer) p);
      } else if (p < 0) {
        ControlRecord record = commands.get(nextCommand++);
        boolean known = history.knows(record);
        ControlReply reply = history.obey(record);
        now = history.newest();
        if (!known) {
          carriedOut(record, reply);
        }
        if (index == 0) {
          emit(reply);
        }
      } else {
        Event event = inputs.get(p).get(next[p]++);
        if (isMine(SluiceJob.entity(event))) {
          process(event);
        }
      }
    }
  }

  private void process(Event event) {
    now =
        world.flaw() == ReplayWorld.Flaw.IGNORES_POSITIONS
            ? history.newest()
            : history.at(event.raw().origin());
    String key = SluiceJob.entity(event);
    boolean answered = history.isAnswered(event.raw().origin());
    String waiting =
        event instanceof Outcome outcome && !halves.containsKey(key + outcome.id())
            ? outcome.id()
            : null;
    if (forgets.precede(key, now.position(), answered, waiting)) {
      forget(key, now.position());
    }
    if (event instanceof Observation observation) {
      observe(observation);
    } else {
      conclude((Outcome) event);
    }
  }

  private void observe(Observation observation) {
    if (!now.model().scores(observation.key())) {
      emit(new Deferred(observation.raw()));
      return;
    }
    ModelState state = model(observation.key());
    OnlineModel.Answered answer = now.model().online().predict(state, observation);
    emit(answer.answer());
    String name = observation.key() + observation.id();
    if (halves.remove(name) instanceof Pending.EarlyOutcome early) {
      evaluate(state, answer.pending(), early.outcome());
    } else {
      halves.put(name, answer.pending());
    }
    models.put(observation.key(), state);
  }

  private void conclude(Outcome outcome) {
    String name = outcome.key() + outcome.id();
    if (halves.remove(name) instanceof Pending.Predicted predicted) {
      ModelState state = model(outcome.key());
      evaluate(state, predicted, outcome);
      models.put(outcome.key(), state);
    } else {
      halves.put(name, new Pending.EarlyOutcome(outcome));
    }
  }

  private void evaluate(ModelState state, Pending.Predicted predicted, Outcome outcome) {
    boolean learn = now.model().learns(outcome.key());
    emit(now.model().online().evaluate(state, predicted, outcome, learn));
  }

  private ModelState model(String key) {
    return now.model().upToDate(models.get(key), key);
  }

  private void emit(dev.sluice.event.Answer said) {
    emit(said, now.position());
  }

  private void emit(dev.sluice.event.Answer said, long position) {
    OutputRecord record = world.encoder().encode(said);
    byte[] value = record.value() == null ? new byte[0] : record.value();
    answered.add(record.origin());
    take(new Answer(record.origin(), record.topic(), value, position));
  }

  /** Writes an answer, or suppresses it. */
  void take(Answer answer) {
    if (ahead.origins().contains(answer.origin())) {
      world.compare(answer);
    } else {
      transaction.add(answer);
    }
  }
}
