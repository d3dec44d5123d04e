package dev.sluice.job;

import dev.sluice.control.StandingOrders;
import dev.sluice.model.Champion;
import dev.sluice.model.ChampionException;
import dev.sluice.model.ModelDescription;
import dev.sluice.state.SluiceTypes;
import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link CommandedModel} is stored: operator state that the first task writes for all, and
 * that a restore at any parallelism hands to every task. The models are here with their bytes, so a
 * savepoint needs none of the files that the job once read.
 */
final class CommandedState {

  private final ListState<byte[]> champion;
  private final ListState<byte[]> shadow;
  private final ListState<byte[]> description;
  private final ListState<StandingOrders> orders;

  CommandedState(OperatorStateStore store) throws Exception {
    champion = store.getUnionListState(bytes(Uids.CHAMPION_STATE));
    shadow = store.getUnionListState(bytes(Uids.SHADOW_STATE));
    description = store.getUnionListState(bytes(Uids.DESCRIPTION_STATE));
    orders =
        store.getUnionListState(
            new ListStateDescriptor<>(Uids.ORDERS_STATE, SluiceTypes.STANDING_ORDERS));
  }

  /** The champion; null if there was none. */
  @Nullable Champion champion(JobSettings settings) throws Exception {
    return model(champion, settings);
  }

  /** The champion to be; null if there was none. */
  @Nullable Champion shadow(JobSettings settings) throws Exception {
    return model(shadow, settings);
  }

  /** What the commands came to; nothing, in a snapshot from before there were commands. */
  StandingOrders orders() throws Exception {
    StandingOrders restored = new StandingOrders();
    for (StandingOrders stored : orders.get()) {
      restored = stored.copy();
    }
    return restored;
  }

  /**
   * Lets nobody touch arrays that mean something else under the settings of now.
   *
   * @throws SuppressRestartsException if they do
   */
  void refuseOtherMeaning(ModelDescription now) throws Exception {
    for (byte[] stored : description.get()) {
      List<String> differences = now.differences(ModelDescription.decode(stored));
      if (!differences.isEmpty()) {
        throw refusal(String.join("; ", differences));
      }
    }
  }

  /** Writes what the first task writes. */
  void write(
      @Nullable Champion champion,
      @Nullable Champion shadow,
      StandingOrders orders,
      ModelDescription description)
      throws Exception {
    this.champion.update(packed(champion));
    this.shadow.update(packed(shadow));
    this.orders.update(List.of(orders.copy()));
    this.description.update(List.of(description.encode()));
  }

  /** Writes what every other task writes. */
  void writeNothing() throws Exception {
    champion.update(List.of());
    shadow.update(List.of());
    orders.update(List.of());
    description.update(List.of());
  }

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
                + ". Start with the snapshot's settings, or without a snapshot to learn anew"));
  }

  private static List<byte[]> packed(@Nullable Champion model) {
    return model == null ? List.of() : List.of(FirstChampion.pack(model));
  }

  private static ListStateDescriptor<byte[]> bytes(String name) {
    return new ListStateDescriptor<>(name, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
  }
}
