package dev.sluice.tool.refusal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why something was refused, as a code that stays the same while its message may change. A message
 * carries it at its end, as in {@code job (x) is FINISHED [SLU-STOP-NOT-RUNNING]}, so that every
 * display of the message shows the code. {@code deploy/runbook.md} has a section with the code as
 * its heading.
 */
public enum RefusalCode {
  /** The JobManager, the brokers or the storage did not answer: the same command may succeed. */
  NO_ANSWER,
  /** A secret was given on the command line. */
  SECRET_GIVEN,
  /** The brokers refuse this tool's user, or can't be asked with its settings. */
  BROKERS,
  /** Flink knows no such job. */
  NO_JOB,
  /** A key was given, and the receipt has no signature, or there is no receipt. */
  RECEIPT_UNSIGNED,
  /** A receipt's signature does not hold. */
  RECEIPT_SIGNATURE,
  STOP_NOT_RUNNING,
  STOP_IN_PROGRESS,
  STOP_OTHER_FLAGS,
  STOP_OTHER_RUN,
  STOP_CHECKPOINTS,
  STOP_NOTHING_KEPT,
  STOP_TRANSACTION_TIMEOUT,
  STOP_UNREADABLE_DIRECTORY,
  STOP_BY_FLINK,
  RESUME_DRAINED,
  RESUME_INCOMPLETE,
  RESUME_CHANGED,
  RESUME_UNSOUND,
  RESUME_SETTINGS,
  RESUME_COPY_RUNS,
  RESUME_COPY_WRITES,
  RESUME_SHARED_TOPICS,
  RESUME_INPUT_GONE,
  RESUME_OUTPUT_GONE,
  RESUME_ANSWERS_MISSING,
  RESUME_ANSWERS_DOUBLED,
  RESUME_PARALLELISM,
  RESUME_SLOTS,
  RESUME_JAR,
  RESUME_NO_SUBMISSION,
  RESUME_ID_TAKEN,
  /** It is not known which checkpoints the job's id has left. */
  RESUME_CHECKPOINTS_UNSEEN,
  RESUME_BY_FLINK,
  ROLLBACK_REPLAY,
  ROLLBACK_MODELS,
  CONTROL_REJECTED,
  /** No running job reads the control topic. */
  CONTROL_NO_JOB,
  /** Several running jobs read the control topic. */
  CONTROL_SEVERAL_JOBS,
  /** A receipt is not there, or is none that this version reads. */
  RECEIPT_UNREADABLE,
  /** A receipt names no snapshot. */
  RECEIPT_NO_SNAPSHOT,
  /** A receipt from outside the journal names brokers that the operator has not named. */
  RECEIPT_UNKNOWN_BROKERS,
  /** The journal can't be used, or what it holds can't be read. */
  JOURNAL_UNUSABLE,
  /** A job publishes no settings of this program. */
  JOB_UNKNOWN,
  REPLAY_TAKEN_OVER,
  REPLAY_OTHER_TOPICS,
  REPLAY_INPUT_DELETED,
  AUDIT_NO_OFFSETS,
  ABORT_JOB_RUNS,
  ABORT_WRITES,
  ABORT_ENDING,
  ABORT_NAMED,
  ABORT_UNSEEN,
  ABORT_UNKNOWN_ID;

  private static final Pattern CODE = Pattern.compile("\\[(SLU-[A-Z0-9-]+)]");

  /** The code, as {@code SLU-STOP-NOT-RUNNING}. */
  public String code() {
    return "SLU-" + name().replace('_', '-');
  }

  /** The code's section in the runbook. */
  public String section() {
    return "deploy/runbook.md#" + code().toLowerCase(Locale.ROOT);
  }

  /** A message with this code at its end, unless it carries a code already. */
  public String in(String message) {
    return CODE.matcher(message).find() ? message : "%s [%s]".formatted(message, code());
  }

  /** The codes that a message carries, in its order. */
  public static List<RefusalCode> of(String message) {
    List<RefusalCode> found = new ArrayList<>();
    Matcher matcher = CODE.matcher(message);
    while (matcher.find()) {
      for (RefusalCode one : values()) {
        if (one.code().equals(matcher.group(1)) && !found.contains(one)) {
          found.add(one);
        }
      }
    }
    return found;
  }
}
