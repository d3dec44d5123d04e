package dev.sluice.tool.receipt;

import dev.sluice.tool.receipt.Receipt.Resumption;
import dev.sluice.tool.receipt.Receipt.Resumption.State;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * The resumptions of a receipt. Each is recorded before Flink is asked for its job, and again with
 * its progress, so every reader finds the job of a tool that died meanwhile. A tool that dies
 * before it has asked leaves one whose job never was: it says no more than that there may be one.
 */
public final class Resumptions {

  /** A tool that has written down its question may be about to ask it for so long. */
  public static final Duration UNDER_WAY = Duration.ofMinutes(2);

  private Resumptions() {}

  /**
   * The list with one more, or with one that replaces its earlier state. Several tools may have
   * asked for one job: each of them writes that down, so whoever is refused takes out its own
   * alone; of those that have not asked for minutes, as tools that were killed, the first and the
   * newest stay. Once Flink has accepted the job, that one replaces all of them.
   */
  public static List<Resumption> with(List<Resumption> all, Resumption one) {
    List<Resumption> longer = new ArrayList<>(all);
    int before = underWay(all, one.jobId());
    if (before < 0 || (one.state() == State.ASKED && longer.get(before).state() == State.ASKED)) {
      if (one.state() == State.ASKED) {
        longer = withoutRepeated(longer, one);
      }
      longer.add(one);
    } else if (one.state().compareTo(all.get(before).state()) > 0) {
      longer.set(before, one);
      longer.removeIf(other -> other.state() == State.ASKED && other.jobId().equals(one.jobId()));
    }
    return List.copyOf(longer);
  }

  /**
   * The list without what one more question about the same job says again. The first stays: what
   * has become of it is not known, whatever becomes of this one.
   */
  private static List<Resumption> withoutRepeated(List<Resumption> all, Resumption one) {
    List<Resumption> shorter = new ArrayList<>();
    boolean first = true;
    for (Resumption each : all) {
      boolean same = each.state() == State.ASKED && each.jobId().equals(one.jobId());
      if (!same || first || each.at().plus(UNDER_WAY).isAfter(one.at())) {
        shorter.add(each);
      }
      first &= !same;
    }
    return shorter;
  }

  /** The list without one that Flink has not taken, if it is still as it was written. */
  public static List<Resumption> without(List<Resumption> all, Resumption refused) {
    List<Resumption> shorter = new ArrayList<>(all);
    boolean unused = shorter.remove(refused); // Another's may be equal to it.
    return List.copyOf(shorter);
  }

  /** The list with those of another copy of the receipt that it does not contain. */
  public static List<Resumption> merged(List<Resumption> all, List<Resumption> others) {
    List<Resumption> longer = List.copyOf(all);
    for (Resumption other : others) {
      boolean known =
          longer.contains(other)
              || (!other.wasSeen()
                  && longer.stream()
                      .anyMatch(
                          one ->
                              one.wasSeen()
                                  && one.jobId().equals(other.jobId())
                                  && !one.at().isBefore(other.at())));
      longer = known ? longer : with(longer, other);
    }
    return longer;
  }

  /** What is known of the last one, as what follows "the job" in a sentence. */
  public static String lastInWords(List<Resumption> all) {
    Resumption last = all.get(all.size() - 1);
    String which =
        "at %s as job %s"
            .formatted(last.at().truncatedTo(ChronoUnit.SECONDS), Unasked.shown(last.jobId()));
    return switch (last.state()) {
      case ASKED ->
          "may have been resumed, %s: whether Flink took that job was not written down"
              .formatted(which);
      case SUBMITTED -> "was resumed, %s, which was not seen to make progress".formatted(which);
      case RUNS -> "was resumed, " + which;
    };
  }

  /** The last one of a job that was not seen to run yet; -1 if there is none. */
  private static int underWay(List<Resumption> all, String jobId) {
    for (int i = all.size() - 1; i >= 0; i--) {
      if (!all.get(i).wasSeen() && all.get(i).jobId().equals(jobId)) {
        return i;
      }
    }
    return -1;
  }
}
