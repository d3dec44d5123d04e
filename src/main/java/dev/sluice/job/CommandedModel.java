package dev.sluice.job;

import dev.sluice.codec.CommandDecoder;
import dev.sluice.control.StandingOrders;
import dev.sluice.event.Command;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.ControlReply;
import dev.sluice.event.Instruction;
import dev.sluice.model.Champion;
import dev.sluice.model.ChampionException;
import dev.sluice.model.ModelDescription;
import dev.sluice.model.ModelSettings;
import dev.sluice.model.ModelState;
import dev.sluice.model.OnlineModel;
import dev.sluice.model.ServingPolicy;
import dev.sluice.state.SluiceTypes;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The model as the control commands so far have made it: champion, shadow, serving policy, and what
 * is paused. Each task has one; all get the same commands in the same order and decide the same, so
 * the first task stores it for all, and a restore at any parallelism hands it to every task.
 *
 * <p>Operator state: the champion and the shadow with their bytes, the standing orders, and what
 * the models' arrays mean. So a savepoint needs none of the files that the job once read, and a job
 * whose settings give the arrays another meaning is refused before it touches them.
 */
final class CommandedModel {

  private static final Logger LOG = LoggerFactory.getLogger(CommandedModel.class);

  private final JobSettings settings;
  private final CommandDecoder decoder = new CommandDecoder();
  private final ListState<byte[]> championState;
  private final ListState<byte[]> shadowState;
  private final ListState<byte[]> descriptionState;
  private final ListState<StandingOrders> ordersState;

  private @Nullable Champion champion;
  private @Nullable Champion shadow;
  private StandingOrders orders = new StandingOrders();
  private OnlineModel online;

  /**
   * Restores what a snapshot holds; one without standing orders is from before there were commands.
   *
   * @param first the champion's bytes at a start without a snapshot, null for none
   * @throws SuppressRestartsException if the snapshot's models can't be used with these settings
   */
  CommandedModel(
      FunctionInitializationContext context, JobSettings settings, byte @Nullable [] first)
      throws Exception {
    this.settings = settings;
    OperatorStateStore store = context.getOperatorStateStore();
    championState = store.getUnionListState(bytes(Uids.CHAMPION_STATE));
    shadowState = store.getUnionListState(bytes(Uids.SHADOW_STATE));
    descriptionState = store.getUnionListState(bytes(Uids.DESCRIPTION_STATE));
    ordersState =
        store.getUnionListState(
            new ListStateDescriptor<>(Uids.ORDERS_STATE, SluiceTypes.STANDING_ORDERS));
    if (context.isRestored()) {
      champion = restored(championState);
      shadow = restored(shadowState);
      for (StandingOrders stored : ordersState.get()) {
        orders = stored.copy();
      }
    } else if (first != null) {
      champion = Champion.read(first, settings.championVersion(), settings.model());
    }
    online = assembled();
    if (context.isRestored()) {
      refuseOtherMeaning();
    }
    LOG.info("{}", this);
  }

  /** Writes the state, in the first task only. */
  void snapshot(boolean first) throws Exception {
    championState.update(packed(first ? champion : null));
    shadowState.update(packed(first ? shadow : null));
    ordersState.update(first ? List.of(orders.copy()) : List.of());
    descriptionState.update(first ? List.of(online.description().encode()) : List.of());
  }

  /** Predicts, evaluates and learns as commanded. */
  OnlineModel online() {
    return online;
  }

  boolean learns(String key) {
    return !orders.learning().holds(key);
  }

  boolean scores(String key) {
    return !orders.scoring().holds(key);
  }

  /**
   * A key's model as it is after the commands that came since its last event.
   *
   * @param stored null for a key that has none yet
   */
  ModelState upToDate(@Nullable ModelState stored, String key) {
    long generation = orders.generationOf(key);
    if (stored != null && stored.generation >= generation) {
      return stored;
    }
    ModelState state = stored;
    if (state == null || state.generation < orders.resetOf(key)) {
      state = online.newState();
    } else {
      state.restartLosses();
    }
    state.generation = generation;
    return state;
  }

  /** Carries a command out, or does not; either way this is its answer. */
  ControlReply obey(ControlRecord record) {
    Instruction instruction = decoder.decode(record.raw());
    ControlReply before = orders.answered().to(instruction.echo().id());
    if (before != null) {
      return before.again(record.raw().origin());
    }
    ControlReply reply =
        new ControlReply(
            record.raw().origin(), instruction.echo(), outcome(record, instruction), false);
    orders.answered().remember(reply);
    return reply;
  }

  /** Why a command is rejected, null when it is done. */
  private @Nullable String outcome(ControlRecord record, Instruction instruction) {
    if (instruction instanceof Instruction.Garbled garbled) {
      return garbled.reason();
    }
    if (record.refusal() != null) {
      return record.refusal();
    }
    Command command = ((Instruction.Understood) instruction).command();
    if (command instanceof Command.Pause pause) {
      return orders.pause(pause.part(), pause.key());
    } else if (command instanceof Command.Resume resume) {
      orders.resume(resume.part(), resume.key());
      return null;
    } else if (command instanceof Command.Reset reset) {
      return orders.reset(reset.key());
    } else if (command instanceof Command.Serve serve) {
      return serve(serve.policy());
    } else if (command instanceof Command.Confirm confirm) {
      return confirm(confirm.version());
    } else if (command instanceof Command.Drop drop) {
      return drop(drop.version());
    }
    return promote((Command.Promote) command, Objects.requireNonNull(record.model()));
  }

  private @Nullable String serve(String policy) {
    if (champion == null && ServingPolicy.ofCode(policy) == ServingPolicy.CHAMPION) {
      return "there is no champion to serve; promote one first";
    }
    orders.serve(policy);
    online = assembled();
    return null;
  }

  private @Nullable String promote(Command.Promote promote, byte[] model) {
    Champion candidate;
    try {
      candidate = Champion.read(model, promote.version(), settings.model());
    } catch (ChampionException e) {
      return "the model (%s) is refused: %s".formatted(promote.uri(), e.getMessage());
    }
    String refusal = refusal(candidate);
    if (refusal == null && promote.shadow() && promote.reseed()) {
      refusal = "a shadow reseeds nothing; promote it without reseed and reset after confirming it";
    }
    if (refusal != null) {
      return refusal;
    }
    if (promote.shadow()) {
      shadow = candidate;
    } else {
      champion = candidate;
      orders.promoted(promote.reseed());
    }
    online = assembled();
    return null;
  }

  /** Why this can't be the champion after the one that is here. */
  private @Nullable String refusal(Champion candidate) {
    for (Champion used : new @Nullable Champion[] {champion, shadow}) {
      if (used != null && used.version() == candidate.version()) {
        return "version %s is in use; give the new champion another number"
            .formatted(candidate.version());
      }
    }
    List<String> differences =
        new OnlineModel(settings.model(), candidate)
            .description()
            .differences(online.description());
    if (!differences.isEmpty()) {
      return "the models of the keys could not be used with it: " + String.join("; ", differences);
    }
    return otherOutputs(candidate);
  }

  /**
   * What waits for its outcome was predicted by the old champion and is scored as the new one's.
   */
  private @Nullable String otherOutputs(Champion candidate) {
    return champion == null
            || champion.generatesProbabilities() == candidate.generatesProbabilities()
        ? null
        : "one of the champion and the model predicts probabilities, the other scores";
  }

  private @Nullable String confirm(int version) {
    Champion candidate = shadow;
    if (candidate == null || candidate.version() != version) {
      return noSuchShadow(version);
    }
    String refusal = otherOutputs(candidate);
    if (refusal == null) {
      champion = candidate;
      shadow = null;
      orders.promoted(false);
      online = assembled();
    }
    return refusal;
  }

  private @Nullable String drop(int version) {
    if (shadow == null || shadow.version() != version) {
      return noSuchShadow(version);
    }
    shadow = null;
    online = assembled();
    return null;
  }

  private String noSuchShadow(int version) {
    return shadow == null
        ? "there is no shadow"
        : "the shadow is version %s, not %s".formatted(shadow.version(), version);
  }

  private OnlineModel assembled() {
    String policy = orders.policy();
    ModelSettings served =
        policy == null
            ? settings.model()
            : settings.model().withPolicy(ServingPolicy.ofCode(policy));
    return new OnlineModel(served, champion, shadow);
  }

  private @Nullable Champion restored(ListState<byte[]> state) throws Exception {
    Champion restored = null;
    for (byte[] packed : state.get()) {
      try {
        restored = FirstChampion.unpack(packed, settings);
      } catch (ChampionException e) {
        throw refusal(String.valueOf(e.getMessage()));
      }
    }
    return restored;
  }

  private void refuseOtherMeaning() throws Exception {
    for (byte[] stored : descriptionState.get()) {
      List<String> differences = online.description().differences(ModelDescription.decode(stored));
      if (!differences.isEmpty()) {
        throw refusal(String.join("; ", differences));
      }
    }
  }

  /** Fails the job for good: with the same settings every restart would end here again. */
  private static SuppressRestartsException refusal(String why) {
    return new SuppressRestartsException(
        new SettingsException(
            "the models of this snapshot can't be used with these settings, and nothing was touched: "
                + why
                + ". Start with the snapshot's settings, or without a snapshot to learn anew"));
  }

  private static List<byte[]> packed(@Nullable Champion model) {
    return model == null ? List.of() : List.of(FirstChampion.pack(model));
  }

  private static ListStateDescriptor<byte[]> bytes(String name) {
    return new ListStateDescriptor<>(name, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
  }

  @Override
  public String toString() {
    String with = champion == null ? "no champion" : "champion version " + champion.version();
    String beside = shadow == null ? "" : ", shadow version " + shadow.version();
    String unused =
        champion == null && settings.champion().isPresent()
            ? "; %s is not used: the snapshot was made without a champion"
                .formatted(settings.champion().get())
            : "";
    return "Learning with %s%s%s: %s".formatted(with, beside, unused, settings.model());
  }
}
