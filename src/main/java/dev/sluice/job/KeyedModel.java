package dev.sluice.job;

import dev.sluice.model.ModelState;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.io.IOException;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.TimerService;
import org.jspecify.annotations.Nullable;

/** The current key's model, how long it lives, and its one timer: see {@link ModelExpiry}. */
final class KeyedModel {

  private final ModelExpiry expiry;
  private final Counter expired;

  private ValueState<ModelState> state;

  /**
   * @param expired counts models that have expired
   */
  KeyedModel(ValueState<ModelState> state, ModelExpiry expiry, Counter expired) {
    this.state = state;
    this.expiry = expiry;
    this.expired = expired;
  }

  /** The descriptor of the keyed state. */
  static ValueStateDescriptor<ModelState> descriptor() {
    return new ValueStateDescriptor<>(Uids.MODEL_STATE, SluiceTypes.MODEL_STATE);
  }

  /** Puts a cache before the models. */
  void keepBehind(ValueState<ModelState> cache) {
    state = cache;
  }

  /** Whether every stored model needs a timer at {@link ModelExpiry#AT_ONCE}. */
  boolean timersAreMissing() {
    return expiry.timersAreMissing();
  }

  /** The stored model if it grows older, null if there is none or models live for ever. */
  @Nullable ModelState ageing() throws IOException {
    return expiry.isOn() ? state.value() : null;
  }

  /** Whether an event at this time comes too late for the model, if nothing is pending. */
  boolean isOver(ModelState ageing, long atMs) {
    return expiry.isOver(ageing, atMs);
  }

  /**
   * Records when the key last had an event. Called for every event of the key, whatever its result,
   * so that no command changes when models expire.
   */
  void heard(ModelState ageing, long atMs, TimerService timers) throws IOException {
    boolean hasNoTimer = ageing.lastEventMs == ModelState.UNKNOWN;
    ageing.lastEventMs = Math.max(ageing.lastEventMs, atMs);
    if (hasNoTimer) {
      setTimer(ageing, timers);
    }
    state.update(ageing);
  }

  /** The model for an event, or a new one; what was too old is deleted by now. */
  ModelState at(long atMs, String key, ControlledModel commanded, TimerService timers)
      throws IOException {
    ModelState stored = state.value();
    ModelState model = commanded.upToDate(stored, key);
    if (!expiry.isOn()) {
      model.lastEventMs = ModelState.UNKNOWN;
    } else if (stored == null) {
      model.lastEventMs = atMs;
      setTimer(model, timers);
    } else {
      model.lastEventMs = stored.lastEventMs;
    }
    return model;
  }

  void update(ModelState model) throws IOException {
    state.update(model);
  }

  /** Deletes a model that is too old. */
  void expire() {
    state.clear();
    expired.inc();
  }

  /**
   * Its timer has fired: it is deleted, or waits for what may still arrive.
   *
   * @param heldUntilMs until when something pending may need it; {@link Long#MIN_VALUE} for nothing
   */
  void expireOrWait(long firedMs, long heldUntilMs, TimerService timers) throws IOException {
    ModelState ageing = ageing();
    if (ageing == null) {
      return;
    }
    if (ageing.lastEventMs == ModelState.UNKNOWN) {
      ageing.lastEventMs = expiry.beginsMs(timers.currentWatermark());
      state.update(ageing);
    }
    long lastMomentMs = Math.max(expiry.lastMomentMs(ageing), heldUntilMs);
    if (lastMomentMs < firedMs) {
      expire();
    } else {
      timers.registerEventTimeTimer(expiry.timerAfter(lastMomentMs));
    }
  }

  /** Deletes it with its timers; when its key last had an event, as far as that is known. */
  long forget(TimerService timers) throws IOException {
    ModelState model = state.value();
    if (model == null) {
      return Long.MIN_VALUE;
    }
    expiry.timersOf(model).forEach(timers::deleteEventTimeTimer);
    state.clear();
    return model.lastEventMs;
  }

  private void setTimer(ModelState model, TimerService timers) {
    timers.registerEventTimeTimer(expiry.timerAfter(expiry.lastMomentMs(model)));
  }
}
