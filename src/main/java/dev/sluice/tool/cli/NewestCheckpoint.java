package dev.sluice.tool.cli;

import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.SavedCheckpoint;
import java.io.IOException;
import java.util.Optional;

/**
 * The newest complete checkpoint of a job.
 *
 * @param job its name in Flink, or its id
 */
record NewestCheckpoint(JobManager flink, String job) {

  /**
   * Asks Flink for it.
   *
   * @throws IOException if there is no such job, or none of its checkpoints can be read
   */
  SavedCheckpoint find() throws IOException, InterruptedException {
    Optional<JobOverview> found = flink.find(job);
    if (found.isEmpty()) {
      throw new IOException(flink.unknown(job));
    }
    String id = found.get().id();
    SavedCheckpoint newest =
        flink
            .lastCheckpoint(id)
            .orElseThrow(
                () ->
                    new IOException(
                        "job %s (%s) has completed no checkpoint yet: wait for one with 'sluice wait %s --for checkpoint'"
                            .formatted(job, id, job)));
    if (!newest.uri().contains("/")) { // Flink's word for one in the JobManager's memory
      throw new IOException(
          "checkpoint %s of job %s lies in no directory (%s): set execution.checkpointing.dir, or take a savepoint"
              .formatted(newest.id(), job, newest.uri().isEmpty() ? "none" : newest.uri()));
    }
    return newest;
  }
}
