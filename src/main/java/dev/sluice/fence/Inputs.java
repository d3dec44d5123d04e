package dev.sluice.fence;

import dev.sluice.event.Origin;
import dev.sluice.ledger.Partition;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which inputs the job can have read. A record in an output topic that names another one was not
 * written by the job, and its writer must not influence the job.
 *
 * @param ends the end of each partition of the job's input topics, asked for after the last attempt
 *     had ended
 * @param passed what the snapshot has passed, of topics that are no inputs any more, too: the
 *     source reads on where it has begun
 */
record Inputs(Map<Partition, Long> ends, Map<Partition, Long> passed) {

  Inputs {
    ends = Map.copyOf(ends);
    passed = Map.copyOf(passed);
  }

  /** Whether the job can have answered an input. */
  boolean contain(Origin origin) {
    Partition partition = new Partition(origin.topic(), origin.partition());
    Long end = ends.get(partition);
    if (end != null) {
      return origin.offset() < end;
    }
    return !topics().contains(origin.topic()) && passed.containsKey(partition);
  }

  private Set<String> topics() {
    return ends.keySet().stream().map(Partition::topic).collect(Collectors.toSet());
  }
}
