package dev.sluice.tool.stop;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.savepoint.ModelCheck.LastingCounters;
import dev.sluice.tool.savepoint.SavedCommands;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the next stop needs of a receipt to compare counters exactly, once a command has reset
 * models: the number of the last reset, and the counters without the models that are still to
 * follow it. It is in the text of the step that reads the savepoint, not in a separate field,
 * because older tools refuse an unknown field; where no model was ever reset there is none, and the
 * totals are exact.
 *
 * @param lastReset the number of the last command that reset models
 * @param lasting the counters that the job continues from
 */
public record CounterNote(long lastReset, LastingCounters lasting) {

  private static final Pattern NOTE =
      Pattern.compile(
          "; last reset number (\\d{1,18}), and without the models that are still to be reset (\\d{1,18})"
              + " outcomes learned, (\\d{1,18}) predictions, (\\d{1,18}) evaluations");

  private static final String REPLAY = "; control commands were being replayed";

  /** What the step adds to what it found; empty where the totals are sufficient. */
  static String inWords(SavedCommands commands, LastingCounters lasting) {
    if (commands.isReplay()) {
      return REPLAY;
    }
    return commands.lastReset() == 0
        ? ""
        : ("; last reset number %s, and without the models that are still to be reset %s outcomes learned, %s"
                + " predictions, %s evaluations")
            .formatted(
                commands.lastReset(),
                lasting.updates(),
                lasting.predictions(),
                lasting.evaluations());
  }

  /** The note of a receipt; empty if it has none. */
  static Optional<CounterNote> in(Receipt receipt) {
    return receipt.steps().stream()
        .filter(CounterNote::isOfModels)
        .map(line -> NOTE.matcher(line.text()))
        .filter(Matcher::find)
        .map(
            found ->
                new CounterNote(
                    Long.parseLong(found.group(1)),
                    new LastingCounters(
                        Long.parseLong(found.group(2)),
                        Long.parseLong(found.group(3)),
                        Long.parseLong(found.group(4)))))
        .findFirst();
  }

  /** Whether a receipt's savepoint was taken while commands were replayed. */
  static boolean isOfReplay(Receipt receipt) {
    return receipt.steps().stream()
        .anyMatch(line -> isOfModels(line) && line.text().contains(REPLAY));
  }

  /** Steps without it, for a receipt whose savepoint has other models. */
  public static List<Receipt.StepLine> without(List<Receipt.StepLine> steps) {
    return steps.stream()
        .map(
            line ->
                isOfModels(line)
                    ? new Receipt.StepLine(
                        line.step(),
                        line.startedAt(),
                        line.durationMs(),
                        line.result(),
                        NOTE.matcher(line.text()).replaceAll(""))
                    : line)
        .toList();
  }

  private static boolean isOfModels(Receipt.StepLine line) {
    return line.step().equals(Step.SANE.code());
  }
}
