package dev.sluice.bench.contender;

import dev.sluice.codec.AnswerEncoder;
import dev.sluice.codec.EventDecoder;
import dev.sluice.codec.Headers;
import dev.sluice.event.Answer;
import dev.sluice.event.Answer.DeadLetter;
import dev.sluice.event.Event;
import dev.sluice.event.Event.DeferRequested;
import dev.sluice.event.Event.Malformed;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.OutputRecord;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Reason;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.model.Pending;
import dev.sluice.settings.JobSettings;
import java.util.function.Consumer;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * What the job does to one event, with the job's own decoder, model and encoder, on a store that
 * the contender brings. Without control commands, drift alarms and lookups. Owned by one thread.
 */
final class KeyedWork {

  private final EventDecoder decoder;
  private final OnlineModel model;
  private final AnswerEncoder encoder;
  private final KeyedStore store;

  KeyedWork(JobSettings settings, KeyedStore store) {
    this.decoder = new EventDecoder(settings.model().labels(), settings.input().rules());
    this.model = new OnlineModel(settings.model(), null);
    this.encoder = new AnswerEncoder(model.labels());
    this.store = store;
  }

  /** The header that names an answer's input, as the job writes it. */
  static Header origin(OutputRecord answer) {
    return new RecordHeader(Headers.ORIGIN, Headers.originBytes(answer.origin()));
  }

  /** Answers one input record. */
  void process(RawRecord raw, Consumer<OutputRecord> out) {
    Event event = decoder.decode(raw);
    if (event instanceof Observation observation) {
      observe(observation, out);
    } else if (event instanceof Outcome outcome) {
      conclude(outcome, out);
    } else if (event instanceof Malformed bad) {
      emit(new DeadLetter(bad.raw(), bad.reason(), bad.detail()), out);
    } else if (event instanceof DeferRequested) {
      throw new IllegalStateException("there are no lookups, so nothing is deferred");
    }
  }

  private void observe(Observation observation, Consumer<OutputRecord> out) {
    String key = observation.key();
    Pending waiting = store.half(key, observation.id());
    if (waiting instanceof Pending.Predicted) {
      String detail = "an observation with id %s is pending already".formatted(observation.id());
      emit(new DeadLetter(observation.raw(), Reason.DUPLICATE_OBSERVATION, detail), out);
      return;
    }
    ModelState state = modelOf(key);
    OnlineModel.Answered answered = model.predict(state, observation);
    emit(answered.answer(), out);
    if (waiting instanceof Pending.EarlyOutcome early) {
      store.release(key, observation.id());
      emit(model.evaluate(state, answered.pending(), early.outcome(), true), out);
    } else {
      store.hold(key, observation.id(), answered.pending());
    }
    store.keep(key, state);
  }

  private void conclude(Outcome outcome, Consumer<OutputRecord> out) {
    String key = outcome.key();
    Pending waiting = store.half(key, outcome.id());
    if (waiting instanceof Pending.Predicted predicted) {
      store.release(key, outcome.id());
      ModelState state = modelOf(key);
      emit(model.evaluate(state, predicted, outcome, true), out);
      store.keep(key, state);
    } else if (waiting instanceof Pending.EarlyOutcome) {
      String detail =
          "an outcome with id %s waits for its observation already".formatted(outcome.id());
      emit(new DeadLetter(outcome.raw(), Reason.DUPLICATE_OUTCOME, detail), out);
    } else {
      store.hold(key, outcome.id(), new Pending.EarlyOutcome(outcome));
    }
  }

  private ModelState modelOf(String key) {
    @Nullable ModelState stored = store.model(key);
    return stored == null ? model.newState() : stored;
  }

  private void emit(Answer answer, Consumer<OutputRecord> out) {
    out.accept(encoder.encode(answer));
  }
}
