package dev.sluice.tool.stop;

import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.savepoint.SavepointDirectory;
import dev.sluice.tool.savepoint.SavepointDirectory.KeptSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which local directories are the JobManager's own, where that runs on another machine: a directory
 * of the same name here may hold what this machine wrote long ago. It is the JobManager's if a
 * snapshot that Flink names now is in it, or if it is on the same mounted volume as one that is.
 * Used by one thread.
 */
final class SharedDirectories {

  private final List<String> others;
  private final Set<Path> named;
  private final List<Path> shown = new ArrayList<>();

  private SharedDirectories(List<String> others, Set<Path> named) {
    this.others = others;
    this.named = named;
  }

  static SharedDirectories of(JobManager flink) throws IOException, InterruptedException {
    List<String> others = flink.otherMachines();
    Set<Path> named = new HashSet<>();
    if (!others.isEmpty()) {
      for (JobOverview job : jobs(flink)) {
        for (String uri : pathsOf(job, flink)) {
          if (SavepointDirectory.isOfOneMachine(uri)) {
            named.add(SavepointDirectory.local(uri));
          }
        }
      }
    }
    return new SharedDirectories(others, named);
  }

  private static List<JobOverview> jobs(JobManager flink) throws IOException, InterruptedException {
    try {
      return flink.jobs();
    } catch (FlinkException hidden) { // Then no directory is shown to be the JobManager's.
      return List.of();
    }
  }

  /** None of a job without checkpoints, or that Flink has forgotten meanwhile. */
  private static List<String> pathsOf(JobOverview job, JobManager flink)
      throws IOException, InterruptedException {
    try {
      return flink.savedPaths(job.id());
    } catch (FlinkException hidden) {
      return List.of();
    }
  }

  /** Remembers a directory that holds a snapshot which Flink names. */
  void learn(String where, List<KeptSnapshot> here) {
    if (SavepointDirectory.isOfOneMachine(where)
        && here.stream().anyMatch(one -> named.contains(SavepointDirectory.local(one.uri())))) {
      shown.add(SavepointDirectory.local(where));
    }
  }

  /** Whether what is in the directory here is all that the cluster has in it. */
  boolean isTheirs(String where) {
    if (others.isEmpty() || !SavepointDirectory.isOfOneMachine(where)) {
      return true;
    }
    Path directory = SavepointDirectory.local(where);
    return shown.stream().anyMatch(one -> one.equals(directory) || areOnOneVolume(one, directory));
  }

  private static boolean areOnOneVolume(Path one, Path other) {
    try {
      return Files.getFileStore(one).equals(Files.getFileStore(other));
    } catch (IOException e) {
      return false;
    }
  }
}
