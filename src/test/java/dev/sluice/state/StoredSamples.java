package dev.sluice.state;

import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps the samples as the state of each key. The first element of a key stores them, every later
 * one says whether they are intact and stores them again.
 */
final class StoredSamples extends KeyedProcessFunction<Integer, Integer, String> {

  private static final long serialVersionUID = 1L;

  private final TypeSerializer<ModelState> models;
  private final TypeSerializer<Pending> pendings;
  private transient ValueState<ModelState> model;
  private transient MapState<String, Pending> pending;

  @SuppressWarnings("NullAway.Init") // open() comes before every element
  StoredSamples(TypeSerializer<ModelState> models, TypeSerializer<Pending> pendings) {
    this.models = models;
    this.pendings = pendings;
  }

  @Override
  public void open(OpenContext context) {
    model = getRuntimeContext().getState(new ValueStateDescriptor<>("model", models));
    pending =
        getRuntimeContext()
            .getMapState(new MapStateDescriptor<>("pending", StringSerializer.INSTANCE, pendings));
  }

  @Override
  public void processElement(Integer key, Context context, Collector<String> out) throws Exception {
    ModelState sample = Samples.modelStates()[key % Samples.modelStates().length];
    ModelState stored = model.value();
    if (stored == null) {
      out.collect(key + " stored");
    } else {
      boolean intact = SameValue.same(stored, sample) && pendingsAreIntact();
      out.collect(key + (intact ? " intact" : " damaged"));
    }
    model.update(sample);
    for (int i = 0; i < Samples.pendings().length; i++) {
      pending.put("f-" + i, Samples.pendings()[i]);
    }
  }

  private boolean pendingsAreIntact() throws Exception {
    for (int i = 0; i < Samples.pendings().length; i++) {
      Pending stored = pending.get("f-" + i);
      if (stored == null || !SameValue.same(stored, Samples.pendings()[i])) {
        return false;
      }
    }
    return true;
  }
}
