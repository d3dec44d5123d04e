package dev.sluice.job;

import dev.sluice.codec.InputRules;
import dev.sluice.settings.InputOptions;
import dev.sluice.settings.SluiceOptions;
import dev.sluice.state.Uids;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.Types;
import org.jspecify.annotations.Nullable;

/**
 * By which {@link InputRules} the events of a snapshot were judged. Each is judged alone, so a
 * replay decides as before, unless the rules have changed: an event that was predicted becomes a
 * dead letter that no one sees, because its input is answered, and its outcome finds no
 * observation; one that was a dead letter is learned from. So this is reported.
 */
final class StoredRules {

  /** The version of the stored format; its meaning never changes. */
  private static final String FORMAT = "1";

  private static final String SEPARATOR = " ";

  private final ListState<String> state;
  private final @Nullable String restored;

  /** Reads what a restored snapshot holds; nothing, if it is from before there was this. */
  StoredRules(OperatorStateStore store) throws Exception {
    state =
        store.getUnionListState(new ListStateDescriptor<>(Uids.INPUT_RULES_STATE, Types.STRING));
    String found = null;
    for (String one : state.get()) {
      found = one;
    }
    restored = found;
  }

  /** The first task writes them for all. */
  void snapshot(InputRules now, boolean first) throws Exception {
    state.update(first ? List.of(encode(now)) : List.of());
  }

  /** Which rules are not those of the snapshot; a phrase each. */
  List<String> differences(InputRules now) {
    List<String> differences = new ArrayList<>();
    String[] before = restored == null ? new String[0] : parts(restored);
    String[] after = parts(encode(now));
    if (before.length != after.length || !before[0].equals(FORMAT)) {
      return differences; // of a later release, or none: nothing can be said
    }
    compare(SluiceOptions.MAX_FEATURES.key(), before[1], after[1], differences);
    compare(InputOptions.ON_FAR_TIME.key(), farTime(before[2]), farTime(after[2]), differences);
    compare(InputOptions.DECLARED.key(), before[3], after[3], differences);
    return differences;
  }

  private static void compare(String key, String before, String after, List<String> differences) {
    if (!before.equals(after)) {
      differences.add("%s was (%s) and is (%s)".formatted(key, before, after));
    }
  }

  private static String farTime(String farthestMs) {
    return farthestMs.equals(String.valueOf(InputRules.ANY_TIME))
        ? "accept"
        : "dead-letter, beyond %s ms".formatted(farthestMs);
  }

  private static String encode(InputRules rules) {
    String declared = rules.declared() == null ? "" : rules.declared().toString();
    String sorted = Arrays.stream(declared.split(", ")).sorted().collect(Collectors.joining(", "));
    return String.join(
        SEPARATOR,
        FORMAT,
        String.valueOf(rules.maxFeatures()),
        String.valueOf(rules.farthestMs()),
        sorted);
  }

  private static String[] parts(String rules) {
    return rules.split(SEPARATOR, 4);
  }
}
