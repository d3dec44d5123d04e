package dev.sluice.tool.flink;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a requested stop goes. */
public sealed interface StopStatus {

  /** The JobManager knows nothing of it: it was never asked, or has forgotten. */
  record Unknown() implements StopStatus {}

  /** It is in progress. */
  record Running() implements StopStatus {}

  /**
   * The savepoint is complete, its transactions were committed, every task has finished.
   *
   * @param uri where it is
   */
  record Saved(String uri) implements StopStatus {}

  /**
   * There is no savepoint; the job runs on.
   *
   * @param reason Flink's innermost reason
   */
  record Failed(String reason) implements StopStatus {}

  /**
   * The savepoint is complete, but a task failed before it could finish: maybe before it could
   * commit.
   *
   * @param uri the only snapshot that may be restored
   * @param reason what Flink says
   */
  record FailedAfterSaving(String uri, String reason) implements StopStatus {}

  /** Distinguishes the two failures by the message of StopWithSavepointStoppingException. */
  static StopStatus failed(String trace) {
    Matcher saved = Message.SAVED.matcher(trace);
    return saved.find()
        ? new FailedAfterSaving(saved.group(1), Traces.cause(trace))
        : new Failed(Traces.cause(trace));
  }

  /** Flink's words. */
  final class Message {
    static final Pattern SAVED =
        Pattern.compile("A savepoint has been created at: (\\S+), but the corresponding job");

    private Message() {}
  }
}
