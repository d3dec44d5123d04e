package dev.sluice.tool.resume;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a resume ended. */
public sealed interface ResumeOutcome {

  /** The exit code of the command line. */
  int exitCode();

  /** What happened and what to do next, in some sentences for people. */
  String text();

  /** What was known before. */
  Finding finding();

  /**
   * The job runs, has completed a checkpoint and reads on.
   *
   * @param jobId the new job
   */
  record Resumed(Finding finding, String jobId, String text) implements ResumeOutcome {
    @Override
    public int exitCode() {
      return 0;
    }
  }

  /** It was only asked how: the command. */
  record Printed(Finding finding, String command, String text) implements ResumeOutcome {
    @Override
    public int exitCode() {
      return 0;
    }
  }

  /**
   * The request was only how another tool can resume it.
   *
   * @param patch the change of a FlinkDeployment
   * @param unknown what this tool can't know of that, a sentence each
   */
  record Patched(Finding finding, DeploymentPatch patch, List<String> unknown, String text)
      implements ResumeOutcome {
    public Patched {
      unknown = List.copyOf(unknown);
    }

    @Override
    public int exitCode() {
      return 0;
    }
  }

  /** Nothing was touched: it must not be, or a required service did not answer. */
  record Refused(Finding finding, String text) implements ResumeOutcome {
    @Override
    public int exitCode() {
      return finding.isSilence() ? 10 : 1;
    }
  }

  /**
   * The job was submitted but does not continue.
   *
   * @param jobId the new job; null if not even that
   */
  record Failed(Finding finding, @Nullable String jobId, String text) implements ResumeOutcome {
    @Override
    public int exitCode() {
      return 5;
    }
  }
}
