package dev.sluice.bench.contender;

import dev.sluice.model.ModelState;
import dev.sluice.model.Pending;
import org.jspecify.annotations.Nullable;

/** Where a contender without Flink keeps its models, and the halves of pairs that have not met. */
interface KeyedStore {

  /** The key's model; null if it has none. */
  @Nullable ModelState model(String key);

  /** Stores the key's model after a change. */
  void keep(String key, ModelState model);

  /** What waits for its other half; null for nothing. */
  @Nullable Pending half(String key, String id);

  /** Lets a half wait. */
  void hold(String key, String id, Pending half);

  /** Forgets a half that has met its other one. */
  void release(String key, String id);
}
