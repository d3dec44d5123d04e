package dev.sluice.job;

import dev.sluice.event.Event;
import dev.sluice.ledger.OriginSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Where a barrier lies in the inputs.
 *
 * @param events the end of each partition, exclusive
 * @param commands the end of the control topic, exclusive
 */
record ReplayCut(List<Integer> events, int commands) {

  static ReplayCut end(List<List<Event>> inputs, int commands) {
    return new ReplayCut(inputs.stream().map(List::size).toList(), commands);
  }

  /** A cut at or behind this one. */
  ReplayCut next(Random random, List<List<Event>> inputs, int allCommands) {
    int nextCommands = between(random, commands, allCommands);
    if (random.nextInt(3) == 0 && commands < allCommands) {
      return new ReplayCut(events, nextCommands); // commands after the last event
    }
    List<Integer> next = new ArrayList<>();
    for (int p = 0; p < events.size(); p++) {
      next.add(between(random, events.get(p), inputs.get(p).size()));
    }
    return new ReplayCut(next, nextCommands);
  }

  private static int between(Random random, int from, int to) {
    return Math.min(to, from + random.nextInt(Math.max(1, to / 3 + 2)));
  }

  boolean isEnd(List<List<Event>> inputs, int allCommands) {
    return equals(end(inputs, allCommands));
  }

  /** Whether it lies behind all of these inputs. */
  boolean isBehind(OriginSet inputs) {
    return inputs.highest().entrySet().stream()
        .allMatch(
            e ->
                e.getValue()
                    < (e.getKey().topic().equals(ReplayWorld.CONTROL)
                        ? commands
                        : events.get(e.getKey().partition())));
  }
}
