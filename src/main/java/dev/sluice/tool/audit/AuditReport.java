package dev.sluice.tool.audit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/**
 * What an audit found.
 *
 * @param stopped whether the job was taken as stopped
 * @param judged the range of each input partition that was judged, as {@code FROM-TO}, the end
 *     exclusive
 * @param tally what was counted
 * @param deferrals what was deferred
 * @param records committed records in each output topic
 * @param findings every anomaly that was found, none twice
 * @param notes what limits this audit, a sentence each
 */
public record AuditReport(
    boolean stopped,
    SortedMap<String, String> judged,
    Tally tally,
    Deferrals deferrals,
    SortedMap<String, Long> records,
    List<Finding> findings,
    List<String> notes) {

  public AuditReport {
    findings = List.copyOf(findings);
    notes = List.copyOf(notes);
  }

  /**
   * What was counted.
   *
   * @param inputs committed input records in the judged ranges
   * @param answered those of them with an answer
   * @param held those that the snapshot holds, and that have no answer
   * @param undecided those without an answer that may still get one; the notes say why
   * @param beyond answers to inputs at or above the ranges
   * @param unjudged answers to inputs below the ranges
   * @param deletedUnknown offsets below the ranges without an answer, of which it is not known
   *     whether they were inputs that lost it; the notes say where
   */
  public record Tally(
      long inputs,
      long answered,
      long held,
      long undecided,
      long beyond,
      long unjudged,
      long deletedUnknown) {

    /** Whether some input is undecided. */
    boolean anyUnknown() {
      return undecided > 0 || deletedUnknown > 0;
    }
  }

  /**
   * What was deferred: answered by deferring it, to be fed back as an input of its own.
   *
   * @param records deferred records
   * @param left those of them that have not been fed back
   */
  public record Deferrals(long records, long left) {}

  /** Each way in which the ledger law can be broken. */
  public enum Anomaly {
    /** An input below the bound that no output topic answers and no snapshot holds: lost. */
    GAP("inputs that are answered nowhere and held nowhere"),

    /**
     * Every answer to an input but its first; and the one answer of an input that the snapshot
     * holds unanswered, because a resume gives it again.
     */
    DUPLICATE("answers to inputs that are answered already"),

    /** A record whose origin is absent, unreadable, or no record of the input topics. */
    FOREIGN("records that answer no input"),

    /** Every time but the first that a deferred record came back as an input. */
    REPLAYED_TWICE("deferred records that were fed back already"),

    /** An answer at or above the bound of a stopped job: a resume would give it again. */
    BEYOND("answers to inputs that the snapshot does not count as read"),

    /** A transaction of the stopped job that has not ended. */
    OPEN_TRANSACTION("transactions that are neither committed nor aborted"),

    /** An output partition of a stopped job whose last stable offset is below its end. */
    UNREADABLE_END("output partitions that can't be read to their end");

    private final String words;

    Anomaly(String words) {
      this.words = words;
    }

    /** The name in the JSON form. */
    public String code() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What is counted, in a few words. */
    public String words() {
      return words;
    }
  }

  /**
   * An anomaly that was found.
   *
   * @param anomaly which
   * @param count how often, exactly
   * @param examples the first of them, with their positions: {@code topic/partition@offset}
   */
  public record Finding(Anomaly anomaly, long count, List<String> examples) {

    public Finding {
      examples = List.copyOf(examples);
    }
  }

  /** The result of an audit. */
  public enum Verdict {
    /** Every judged input is accounted for. */
    CLEAN(0),

    /** Nothing is known to be wrong, but of some inputs it is not known whether they are lost. */
    UNDECIDED(7),

    /** The ledger law is broken. */
    DAMAGED(5);

    private final int exitCode;

    Verdict(int exitCode) {
      this.exitCode = exitCode;
    }

    /** What {@code sluice audit} ends with. */
    public int exitCode() {
      return exitCode;
    }

    /** The name in the JSON form. */
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The result. */
  public Verdict verdict() {
    if (!findings.isEmpty()) {
      return Verdict.DAMAGED;
    }
    return tally.anyUnknown() ? Verdict.UNDECIDED : Verdict.CLEAN;
  }

  /** The same with more notes, before those that it has. */
  public AuditReport noting(List<String> more) {
    List<String> all = new ArrayList<>(more);
    all.addAll(notes);
    return new AuditReport(stopped, judged, tally, deferrals, records, findings, all);
  }

  /** The JSON form. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("verdict", verdict().code());
    json.put("clean", verdict() == Verdict.CLEAN);
    json.put("stopped", stopped);
    json.put("inputs", tally.inputs());
    json.put("answered", tally.answered());
    json.put("held", tally.held());
    json.put("undecided", tally.undecided());
    json.put("deletedUnknown", tally.deletedUnknown());
    json.put("beyond", tally.beyond());
    json.put("unjudged", tally.unjudged());
    json.put("deferred", deferrals.records());
    json.put("notReplayed", deferrals.left());
    json.put("judged", judged);
    json.put("records", records);
    List<Map<String, Object>> anomalies = new ArrayList<>();
    for (Finding finding : findings) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("anomaly", finding.anomaly().code());
      one.put("count", finding.count());
      one.put("examples", finding.examples());
      anomalies.add(one);
    }
    json.put("anomalies", anomalies);
    json.put("notes", notes);
    return json;
  }
}
