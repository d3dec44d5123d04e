package dev.sluice.ledger;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The sources, one for each input partition, and a queue from each to each subtask. */
final class Channels {

  private final List<List<Input>> inputs;
  private final Random random;
  private final int[] positions;
  private final List<List<Deque<Element>>> queues = new ArrayList<>();

  /**
   * Empty channels.
   *
   * @param positions where the sources begin; taken as its own
   */
  Channels(Scenario setting, int[] positions, int subtasks) {
    this.inputs = setting.inputs();
    this.random = setting.random();
    this.positions = positions;
    for (int source = 0; source < positions.length; source++) {
      List<Deque<Element>> of = new ArrayList<>();
      for (int i = 0; i < subtasks; i++) {
        of.add(new ArrayDeque<>());
      }
      queues.add(of);
    }
  }

  int sources() {
    return positions.length;
  }

  int position(int source) {
    return positions[source];
  }

  /** All inputs were sent and taken. */
  boolean isDone() {
    for (int source = 0; source < positions.length; source++) {
      if (positions[source] < inputs.get(source).size()
          || queues.get(source).stream().anyMatch(queue -> !queue.isEmpty())) {
        return false;
      }
    }
    return true;
  }

  /** Sends a source's next input by its key; false if there is none. */
  boolean emit(int source) {
    if (positions[source] == inputs.get(source).size()) {
      return false;
    }
    Input input = inputs.get(source).get(positions[source]++);
    List<Deque<Element>> of = queues.get(source);
    of.get(input.key() % of.size()).add(input);
    return true;
  }

  /** Sends a source's barrier to all subtasks. */
  void send(int source, Barrier barrier) {
    queues.get(source).forEach(queue -> queue.add(barrier));
  }

  /**
   * The next input for a subtask, from any source; or its barrier, when it has come from every
   * source; null if there is nothing to take. Barriers of discarded checkpoints are thrown away.
   */
  @Nullable Element take(int subtask, Set<Long> discarded) {
    int start = random.nextInt(queues.size());
    Element barrier = null;
    int blocked = 0;
    for (int i = 0; i < queues.size(); i++) {
      Deque<Element> queue = queues.get((start + i) % queues.size()).get(subtask);
      while (queue.peek() instanceof Barrier old && discarded.contains(old.checkpointId())) {
        queue.remove();
      }
      Element next = queue.peek();
      if (next instanceof Input) {
        return queue.remove();
      } else if (next != null) {
        barrier = next;
        blocked++;
      }
    }
    if (blocked < queues.size()) {
      return null;
    }
    queues.forEach(of -> of.get(subtask).remove());
    return barrier;
  }
}
