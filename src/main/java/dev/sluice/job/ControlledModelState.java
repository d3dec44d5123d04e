package dev.sluice.job;

import dev.sluice.control.ControlState;
import dev.sluice.event.ControlRecord;
import dev.sluice.event.Origin;
import dev.sluice.model.Champion;
import dev.sluice.model.ChampionException;
import dev.sluice.model.ModelDescription;
import dev.sluice.settings.JobSettings;
import dev.sluice.settings.SettingsException;
import dev.sluice.state.SluiceTypes;
import dev.sluice.state.Uids;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link ControlHistory} is stored: operator state that the first task writes for all, and
 * that a restore at any parallelism hands to every task. The models are here with their bytes, so a
 * savepoint needs none of the files that the job once read.
 */
final class ControlledModelState {

  private final ListState<byte[]> champion;
  private final ListState<byte[]> shadow;
  private final ListState<byte[]> description;
  private final ListState<ControlState> orders;
  private final ListState<String> position;
  private final ListState<ControlRecord> since;

  ControlledModelState(OperatorStateStore store) throws Exception {
    champion = store.getUnionListState(bytes(Uids.CHAMPION_STATE));
    shadow = store.getUnionListState(bytes(Uids.SHADOW_STATE));
    description = store.getUnionListState(bytes(Uids.DESCRIPTION_STATE));
    orders =
        store.getUnionListState(
            new ListStateDescriptor<>(Uids.ORDERS_STATE, SluiceTypes.STANDING_ORDERS));
    position =
        store.getUnionListState(
            new ListStateDescriptor<>(Uids.CONTROL_POSITION_STATE, Types.STRING));
    since =
        store.getUnionListState(
            new ListStateDescriptor<>(Uids.CONTROL_SINCE_STATE, SluiceTypes.CONTROL_RECORD));
  }

  /**
   * The history at a start.
   *
   * @param first the champion's bytes, null for none
   */
  static ControlHistory started(JobSettings settings, byte @Nullable [] first) {
    Champion champion =
        first == null
            ? null
            : Champion.read(first, settings.models().championVersion(), settings.model());
    return new ControlHistory(
        new ControlledModel(settings.models(), champion, null, new ControlState()),
        0,
        settings.topics().control());
  }

  /**
   * The history that a snapshot holds; one without orders is from before there were commands.
   *
   * @throws SuppressRestartsException if its models can't be used with these settings
   */
  ControlHistory restored(JobSettings settings) throws Exception {
    ControlledModel model =
        new ControlledModel(
            settings.models(), model(champion, settings), model(shadow, settings), orders());
    refuseOtherMeaning(model.online().description());
    String topic = settings.topics().control();
    return new ControlHistory(model, position(topic), topic);
  }

  /** The commands that follow the restored version, in their order. */
  List<ControlRecord> since() throws Exception {
    List<ControlRecord> records = new ArrayList<>();
    since.get().forEach(records::add);
    return records;
  }

  private long position(String controlTopic) throws Exception {
    long restored = ControlHistory.UNKNOWN;
    for (String stored : position.get()) {
      Origin next = Origin.parse(stored);
      restored = next.topic().equals(controlTopic) ? next.offset() : ControlHistory.UNKNOWN;
    }
    return restored;
  }

  /** What the commands came to; nothing, in a snapshot from before there were commands. */
  private ControlState orders() throws Exception {
    ControlState restored = new ControlState();
    for (ControlState stored : orders.get()) {
      restored = stored.copy();
    }
    return restored;
  }

  /**
   * Refuses arrays that mean something else under the current settings.
   *
   * @throws SuppressRestartsException if they do
   */
  private void refuseOtherMeaning(ModelDescription now) throws Exception {
    for (byte[] stored : description.get()) {
      List<String> differences = now.differences(ModelDescription.decode(stored));
      if (!differences.isEmpty()) {
        throw refusal(String.join("; ", differences));
      }
    }
  }

  /**
   * Writes what a task writes.
   *
   * @param stored by the first task; null for every other, which writes nothing
   */
  void write(ControlHistory.@Nullable Stored stored, String controlTopic) throws Exception {
    ControlledModel model = stored == null ? null : stored.base().model();
    champion.update(packed(model == null ? null : model.champion()));
    shadow.update(packed(model == null ? null : model.shadow()));
    orders.update(model == null ? List.of() : List.of(model.orders().copy()));
    description.update(model == null ? List.of() : List.of(model.online().description().encode()));
    long next = stored == null ? ControlHistory.UNKNOWN : stored.base().position();
    position.update(
        next == ControlHistory.UNKNOWN
            ? List.of()
            : List.of(new Origin(controlTopic, 0, next).toString()));
    since.update(stored == null ? List.of() : stored.since());
  }

  /** A champion or shadow; null if there was none. */
  private static @Nullable Champion model(ListState<byte[]> state, JobSettings settings)
      throws Exception {
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

  /** Fails the job for good: with the same settings every restart would end here again. */
  private static SuppressRestartsException refusal(String why) {
    return new SuppressRestartsException(
        new SettingsException(
            "the models of this snapshot can't be used with these settings, and nothing was touched: "
                + why
                + ". Start with the snapshot's settings, or without a snapshot to learn from scratch"));
  }

  private static List<byte[]> packed(@Nullable Champion model) {
    return model == null ? List.of() : List.of(FirstChampion.pack(model));
  }

  private static ListStateDescriptor<byte[]> bytes(String name) {
    return new ListStateDescriptor<>(name, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
  }
}
