package dev.sluice.tool.stop;

import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.flink.SavedCheckpoint;
import dev.sluice.tool.savepoint.SavepointDirectory;
import dev.sluice.tool.savepoint.SavepointDirectory.KeptSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which local directories are the JobManager's own, where that runs on another machine: a directory
 * of the same name here may hold what this machine wrote long ago, even under the same job id where
 * deployments fix it. It is the JobManager's if a snapshot that Flink names now is in it, or if it
 * is on the same mounted volume as one that is. What is here is that snapshot if its metadata has
 * the number, and was written when Flink says that it was complete. Of one that a job was restored
 * from Flink does not say when, and its name counts where Flink has made that of random digits.
 * Used by one thread.
 */
final class SharedDirectories {

  /** How far the clocks of two machines may be apart. */
  private static final Duration CLOCKS = Duration.ofMinutes(10);

  private static final Pattern RANDOM_NAME = Pattern.compile("savepoint-[0-9a-f]{6}-[0-9a-f]{12}");

  private final List<String> others;
  private final List<SavedCheckpoint> named;

  /** Savepoints with a name of random digits that a job was restored from. */
  private final Set<Path> restored;

  private final List<Path> shown = new ArrayList<>();

  private SharedDirectories(List<String> others, List<SavedCheckpoint> named, Set<Path> restored) {
    this.others = others;
    this.named = named;
    this.restored = restored;
  }

  static SharedDirectories of(JobManager flink) throws IOException, InterruptedException {
    SharedDirectories directories =
        new SharedDirectories(flink.otherMachines(), new ArrayList<>(), new HashSet<>());
    if (!directories.others.isEmpty()) {
      for (JobOverview job : jobs(flink)) {
        directories.take(job, flink);
      }
    }
    return directories;
  }

  private static List<JobOverview> jobs(JobManager flink) throws IOException, InterruptedException {
    try {
      return flink.jobs();
    } catch (FlinkException hidden) { // Then no directory is shown to be the JobManager's.
      return List.of();
    }
  }

  /** None of a job without checkpoints, or that Flink has forgotten meanwhile. */
  private void take(JobOverview job, JobManager flink) throws IOException, InterruptedException {
    try {
      flink.saved(job.id()).stream()
          .filter(one -> SavepointDirectory.isOfOneMachine(one.uri()))
          .forEach(named::add);
      flink
          .restored(job.id())
          .filter(SavepointDirectory::isOfOneMachine)
          .map(SavepointDirectory::local)
          .filter(one -> RANDOM_NAME.matcher(String.valueOf(one.getFileName())).matches())
          .ifPresent(restored::add);
    } catch (FlinkException hidden) {
      return; // Then none of its snapshots shows a directory to be the JobManager's.
    }
  }

  /** Remembers a directory that holds a snapshot which Flink names. */
  void learn(String where, List<KeptSnapshot> here) {
    if (SavepointDirectory.isOfOneMachine(where) && here.stream().anyMatch(this::isNamed)) {
      shown.add(SavepointDirectory.local(where));
    }
  }

  private boolean isNamed(KeptSnapshot here) {
    Path place = SavepointDirectory.local(here.uri());
    return restored.contains(place)
        || named.stream()
            .filter(one -> place.equals(SavepointDirectory.local(one.uri())))
            .anyMatch(one -> isSame(one, place, here.writtenAt()));
  }

  private static boolean isSame(SavedCheckpoint its, Path here, Instant writtenAt) {
    Duration apart = Duration.between(its.completedAt(), writtenAt).abs();
    return apart.compareTo(CLOCKS) <= 0
        && SavepointDirectory.checkpointId(here).equals(OptionalLong.of(its.id()));
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
