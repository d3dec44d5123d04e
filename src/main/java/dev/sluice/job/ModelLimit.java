package dev.sluice.job;

import dev.sluice.model.ChampionException;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.IllegalConfigurationException;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;

/**
 * How long a model's file may be where it is read. Every task reads it: parsing, checking and
 * building it take ten times its length of heap for a moment (measured with a file of 60,000
 * features and one of 1,000 labels), and four times for as long as it serves; the champion before
 * it and a shadow are there, too. A task that runs out of heap takes its TaskManager along, and
 * would again after every restart. So a file may have a sixteenth of a slot's share of the heap.
 *
 * @param heap bytes of the process
 * @param slots tasks that share it
 * @param where the process, for messages
 * @param remedy what makes room
 */
record ModelLimit(long heap, int slots, String where, String remedy) {

  private static final int SHARE = 16;
  private static final String MORE_HEAP =
      "raise taskmanager.memory.process.size or lower taskmanager.numberOfTaskSlots";

  /** For the TaskManager that this runs in. */
  static ModelLimit here(ReadableConfig taskManager) {
    return new ModelLimit(
        Runtime.getRuntime().maxMemory(),
        taskManager.get(TaskManagerOptions.NUM_TASK_SLOTS),
        "TaskManagers",
        MORE_HEAP);
  }

  /** For the process that submits the job, which reads the first champion. */
  static ModelLimit ofThisProgram() {
    return new ModelLimit(
        Runtime.getRuntime().maxMemory(),
        1,
        "the process that submits the job",
        "give it more heap: env.java.opts.client for flink run, jobmanager.memory.process.size in"
            + " application mode");
  }

  /** For TaskManagers with this configuration; empty where it says nothing of their memory. */
  static Optional<ModelLimit> of(ReadableConfig flink) {
    try {
      Configuration all = Configuration.fromMap(flink.toMap());
      MemorySize heap = TaskExecutorProcessUtils.processSpecFromConfig(all).getJvmHeapMemorySize();
      int slots = all.get(TaskManagerOptions.NUM_TASK_SLOTS);
      return Optional.of(new ModelLimit(heap.getBytes(), slots, "TaskManagers", MORE_HEAP));
    } catch (IllegalConfigurationException e) {
      return Optional.empty();
    }
  }

  /** The longest file, in bytes. */
  long bytes() {
    return Math.min(ModelFile.MAX_SIZE, heap / slots / SHARE);
  }

  /**
   * @throws ChampionException if a file of this length would not be safe to read
   */
  void check(long size) {
    if (size > bytes()) {
      throw new ChampionException(
          ("it is %,d bytes long, and %s with %,d bytes of heap and %s slots take at most %,d, a sixteenth of a "
                  + "slot's share: reading it takes ten times its length for a moment; %s")
              .formatted(size, where, heap, slots, bytes(), remedy));
    }
  }
}
