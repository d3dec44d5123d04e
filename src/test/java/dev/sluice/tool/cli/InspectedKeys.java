package dev.sluice.tool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.control.ControlState;
import dev.sluice.event.Event.Observation;
import dev.sluice.event.Event.Outcome;
import dev.sluice.event.Features;
import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;
import dev.sluice.event.Target;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelSettings.Objective;
import dev.sluice.model.ModelSettings.Optimiser;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.support.ModelStates;
import dev.sluice.support.StrictJson;
import dev.sluice.support.WrittenSnapshot;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.CheckpointRetentionPolicy;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.jspecify.annotations.Nullable;

/** Snapshots of keys that have learned, for those who inspect them. */
final class InspectedKeys {

  static final CheckpointProperties CANONICAL =
      CheckpointProperties.forSyncSavepoint(false, false, SavepointFormatType.CANONICAL);

  static final CheckpointProperties CHECKPOINT =
      CheckpointProperties.forCheckpoint(CheckpointRetentionPolicy.RETAIN_ON_CANCELLATION);

  static final RawRecord RAW = new RawRecord(new Origin("sluice.events", 0, 1), 1, null, null);

  static final String GOLDEN = "src/test/resources/golden/savepoint-flink-2.2";

  private InspectedKeys() {}

  /**
   * The tool, and what it last said.
   *
   * @param out its stdout
   * @param err its stderr
   */
  record Tool(StringWriter out, StringWriter err) {

    Tool() {
      this(new StringWriter(), new StringWriter());
    }

    JsonNode json(String... args) throws IOException {
      assertThat(execute(args)).as(err.toString()).isZero();
      return StrictJson.object(out.toString());
    }

    int execute(String... args) {
      out.getBuffer().setLength(0);
      err.getBuffer().setLength(0);
      return Sluice.commandLine(ToolServices.real())
          .setOut(new PrintWriter(out))
          .setErr(new PrintWriter(err))
          .execute(args);
    }
  }

  /** A savepoint of keys that have learned from this many outcomes. */
  static String write(Path folder, Map<String, Integer> keys) throws Exception {
    return write(folder, keys, new HashMapStateBackend(), new ControlState(), CANONICAL);
  }

  /** The same, as it is asked for. */
  static String write(
      Path folder,
      Map<String, Integer> keys,
      StateBackend backend,
      ControlState orders,
      CheckpointProperties properties)
      throws Exception {
    OnlineModel online = new OnlineModel(settings(), null);
    WrittenSnapshot.Meaning meaning = new WrittenSnapshot.Meaning(online.description(), null);
    try (WrittenSnapshot written =
        new WrittenSnapshot(
            Files.createTempDirectory(folder, "snapshot"),
            backend,
            false,
            meaning.after(orders, new Origin("sluice.control", 0, 0)))) {
      for (Map.Entry<String, Integer> key : keys.entrySet()) {
        written.key(key.getKey(), learned(online, key.getValue()), Map.of());
      }
      return written.take(properties);
    }
  }

  /** A savepoint whose only model has a weight that is no number. */
  static String damaged(Path folder, String key) throws Exception {
    OnlineModel online = new OnlineModel(settings(), null);
    ModelState state = learned(online, 3);
    ModelStates.change(state, 0, all -> all.weights()[0][0] = Double.NaN);
    try (WrittenSnapshot written =
        new WrittenSnapshot(
            Files.createTempDirectory(folder, "snapshot"),
            new HashMapStateBackend(),
            false,
            new WrittenSnapshot.Meaning(online.description(), null)
                .after(new ControlState(), new Origin("sluice.control", 0, 0)))) {
      written.key(key, state, Map.of());
      return written.take(CANONICAL);
    }
  }

  static ModelSettings settings() {
    return new ModelSettings(
        Objective.LOG,
        1,
        Optimiser.ADAGRAD,
        ModelSettings.Rates.defaults(),
        List.of("ontime", "late"),
        16,
        ModelSettings.Serving.defaults());
  }

  /** The same each time. */
  static ModelState learned(OnlineModel online, int outcomes) {
    ModelState state = online.newState();
    Random random = new Random(1);
    for (int i = 0; i < outcomes; i++) {
      var answered = online.predict(state, observation(random));
      String label = random.nextBoolean() ? "late" : "ontime";
      online.evaluate(
          state,
          answered.pending(),
          new Outcome(RAW, "f", "LAS", 2, new Target.Label(label)),
          true);
    }
    return state;
  }

  static Observation observation(Random random) {
    Features features =
        new Features(
            new String[] {"place", "x"},
            new @Nullable String[] {"p" + random.nextInt(5), null},
            new double[] {0, random.nextGaussian()});
    return new Observation(RAW, "f", "LAS", 1, features);
  }
}
