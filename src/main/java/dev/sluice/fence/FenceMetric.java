package dev.sluice.fence;

/**
 * The names of the figures that the fence and its sink publish through Flink's metrics, in the
 * group {@code sluice}. {@code JobMetric} says what each counts.
 */
public final class FenceMetric {

  public static final String FAILED_COMMITS = "failedCommits";
  public static final String ANSWERS_SUPPRESSED = "answersSuppressed";
  public static final String REPLIES_CHANGED = "controlRepliesChanged";
  public static final String FENCE_DURATION = "fenceDurationMs";
  public static final String FENCE_RECORDS_READ = "fenceRecordsRead";
  public static final String FENCE_BYTES_READ = "fenceBytesRead";
  public static final String ANSWERS_MISSING = "answersMissing";
  public static final String LOST_COMMITS = "lostCommits";
  public static final String ANSWERS_FOREIGN = "answersForeign";

  private FenceMetric() {}
}
