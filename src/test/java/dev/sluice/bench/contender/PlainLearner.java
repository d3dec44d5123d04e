package dev.sluice.bench.contender;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Predicts and learns with one model a key, and joins outcomes with what was predicted. */
@SuppressWarnings("NullAway.Init") // Flink calls open before everything else
final class PlainLearner extends KeyedProcessFunction<String, PlainEvent, PlainAnswer> {

  private static final long serialVersionUID = 1L;

  static final OutputTag<PlainAnswer> EVALUATIONS =
      new OutputTag<>("evaluations") {
        private static final long serialVersionUID = 1L;
      };

  private final List<String> labels;
  private final Duration timeout;

  private transient ValueState<PlainModel> model;
  private transient MapState<String, PlainEvent> outcomes;
  private transient MapState<String, Waiting> waiting;

  /** A prediction that waits for its outcome. */
  @SuppressWarnings("NullAway.Init") // a POJO
  public static final class Waiting {
    public Map<Integer, Double> columns;
    public PlainAnswer prediction;
    public long sinceMs;
  }

  PlainLearner(List<String> labels, Duration timeout) {
    this.labels = List.copyOf(labels);
    this.timeout = timeout;
  }

  @Override
  public void open(OpenContext context) {
    model = getRuntimeContext().getState(new ValueStateDescriptor<>("model", PlainModel.class));
    outcomes =
        getRuntimeContext()
            .getMapState(new MapStateDescriptor<>("outcomes", String.class, PlainEvent.class));
    waiting =
        getRuntimeContext()
            .getMapState(new MapStateDescriptor<>("waiting", String.class, Waiting.class));
  }

  @Override
  public void processElement(PlainEvent event, Context context, Collector<PlainAnswer> out)
      throws Exception {
    if (event.type.equals("observation")) {
      observe(event, context, out);
    } else {
      conclude(event, context);
    }
  }

  private void observe(PlainEvent event, Context context, Collector<PlainAnswer> out)
      throws Exception {
    PlainModel current = model.value() == null ? new PlainModel(labels) : model.value();
    Waiting held = new Waiting();
    held.columns = PlainModel.columns(event.features);
    held.sinceMs = context.timestamp();
    held.prediction = answer(event, current.predict(held.columns));
    out.collect(held.prediction);
    model.update(current);
    PlainEvent early = outcomes.get(event.id);
    if (early != null) {
      outcomes.remove(event.id);
      evaluate(held, early, context);
    } else {
      waiting.put(event.id, held);
      context.timerService().registerEventTimeTimer(held.sinceMs + timeout.toMillis());
    }
  }

  private void conclude(PlainEvent event, Context context) throws Exception {
    Waiting held = waiting.get(event.id);
    if (held == null) {
      outcomes.put(event.id, event);
      return;
    }
    waiting.remove(event.id);
    context.timerService().deleteEventTimeTimer(held.sinceMs + timeout.toMillis());
    evaluate(held, event, context);
  }

  private void evaluate(Waiting held, PlainEvent outcome, Context context) throws Exception {
    PlainAnswer evaluation = answer(outcome, held.prediction.scores);
    evaluation.label = outcome.label;
    evaluation.loss = -Math.log(held.prediction.scores.getOrDefault(outcome.label, 0.0));
    evaluation.delayMs =
        Duration.between(Instant.parse(held.prediction.time), Instant.parse(outcome.time))
            .toMillis();
    context.output(EVALUATIONS, evaluation);
    PlainModel current = model.value();
    current.learn(held.columns, outcome.label);
    model.update(current);
  }

  private static PlainAnswer answer(PlainEvent event, Map<String, Double> scores) {
    PlainAnswer answer = new PlainAnswer();
    answer.id = event.id;
    answer.key = event.key;
    answer.time = event.time;
    answer.scores = scores;
    answer.prediction = Collections.max(scores.entrySet(), Map.Entry.comparingByValue()).getKey();
    return answer;
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<PlainAnswer> out)
      throws Exception {
    for (Map.Entry<String, Waiting> entry : waiting.entries()) {
      if (entry.getValue().sinceMs + timeout.toMillis() <= timestamp) {
        waiting.remove(entry.getKey());
      }
    }
  }
}
