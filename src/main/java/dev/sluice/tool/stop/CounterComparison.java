package dev.sluice.tool.stop;

import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.ReceiptFolder;
import dev.sluice.tool.savepoint.ModelCheck.LastingCounters;
import dev.sluice.tool.savepoint.ReadProgress;
import dev.sluice.tool.savepoint.SavedCommands;
import dev.sluice.tool.savepoint.Snapshot;
import dev.sluice.tool.savepoint.Stores;
import dev.sluice.tool.savepoint.WholeRead;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compares a savepoint's counters with those of the stop before: a job that continued from that one
 * can only have added to them. They go back on purpose where a command resets models or forgets a
 * key, and where models expire. If that may have been between the two stops nothing is compared,
 * and the receipt says so: it can't be distinguished from lost models. An earlier reset does not
 * count, and neither do the counters that it takes away only later (see {@link LastingCounters}).
 */
final class CounterComparison {

  /**
   * The result.
   *
   * @param compared whether that could be done
   * @param findings which counters have gone back, or why nothing was compared
   */
  record Result(boolean compared, Findings findings) {}

  private final LastingCounters now;
  private final SavedCommands commands;
  private final Map<String, String> settings;

  private final Duration most;

  /** The savepoint of the stop before; null as long as nothing of it was needed. */
  private @Nullable Snapshot earlier;

  /** What that records of control commands; null as long as it was not needed. */
  private @Nullable SavedCommands earlierCommands;

  /**
   * @param now of the savepoint
   * @param commands what the savepoint records of control commands
   * @param settings of the job that was stopped
   * @param most how long a file system may take to answer
   */
  CounterComparison(
      LastingCounters now, SavedCommands commands, Map<String, String> settings, Duration most) {
    this.now = now;
    this.commands = commands;
    this.settings = settings;
    this.most = most;
  }

  /** Compares with a receipt. */
  Result with(ReceiptFolder.Kept before) throws InterruptedException {
    Receipt.Models then = before.receipt().models();
    if (then == null) {
      return new Result(false, Findings.NONE);
    }
    String obstacle;
    try {
      obstacle = obstacle(before.receipt(), commands);
      if (obstacle.isEmpty()) {
        LastingCounters left = then(before.receipt(), then);
        return new Result(true, Findings.problems(behind(left, before.file())));
      }
    } catch (IOException | UncheckedIOException e) {
      obstacle =
          "only the savepoint of that stop records whether models were reset in between, and it can't be read (%s)"
              .formatted(e.getMessage());
    }
    return new Result(
        false, Findings.notProved(EarlierReceipts.NOT_COMPARED + ", for " + obstacle));
  }

  /** Why counters may have gone back on purpose; empty if they can't have. */
  private String obstacle(Receipt before, SavedCommands now)
      throws IOException, InterruptedException {
    if (PublishedSettings.expiresModels(settings)
        || PublishedSettings.expiresModels(before.job().settings())) {
      return "models may have expired in between (sluice.model.expire-after)";
    }
    if (now.isReplay() || CounterNote.isOfReplay(before)) {
      return "one of the two savepoints was taken while control commands were being replayed";
    }
    if (lastReset(before, now) != now.lastReset()) {
      return "models were reset by a control command in between";
    }
    if (earlierCommands != null && earlierCommands.isReplay()) {
      return "the savepoint of that stop was taken while control commands were being replayed";
    }
    long forgets = now.forgetsSince(before.sourceOffsets());
    if (forgets > 0) {
      return "%s control command%s forgot a key in between"
          .formatted(forgets, forgets == 1 ? "" : "s");
    }
    long unknown = now.unknownSince(before.sourceOffsets());
    return unknown > 0
        ? "%s control command%s came in between, and the savepoint does not record whether they forgot a key"
            .formatted(unknown, unknown == 1 ? "" : "s")
        : "";
  }

  /** The number of the last reset before the stop before; a receipt without the note knows none. */
  private long lastReset(Receipt before, SavedCommands now)
      throws IOException, InterruptedException {
    Optional<CounterNote> note = CounterNote.in(before);
    if (note.isPresent()) {
      return note.get().lastReset();
    }
    if (now.lastReset() == 0) {
      return 0;
    }
    SavedCommands then = Stores.asked(most, earlier(before)::commands);
    earlierCommands = then;
    return then.lastReset();
  }

  /** The counters that the stop before left; its savepoint is read only if that decides. */
  private LastingCounters then(Receipt before, Receipt.Models totals)
      throws IOException, InterruptedException {
    Optional<CounterNote> note = CounterNote.in(before);
    if (note.isPresent()) {
      return note.get().lasting();
    }
    LastingCounters all =
        new LastingCounters(totals.updates(), totals.predictions(), totals.evaluations());
    return commands.lastReset() == 0 || !now.isBehind(all)
        ? all
        : WholeRead.of(earlier(before), most, ReadProgress.NONE).models().lasting();
  }

  private Snapshot earlier(Receipt before) throws IOException, InterruptedException {
    Snapshot opened = earlier;
    if (opened == null) {
      Receipt.Snapshot named = before.snapshot();
      if (named == null) {
        throw new IOException("the receipt names none");
      }
      opened = Snapshot.open(named.uri(), most);
      earlier = opened;
    }
    return opened;
  }

  private List<Problem> behind(LastingCounters then, Path file) {
    return Stream.of(
            behind("outcomes learned", then.updates(), now.updates(), file),
            behind("predictions", then.predictions(), now.predictions(), file),
            behind("evaluations", then.evaluations(), now.evaluations(), file))
        .flatMap(Optional::stream)
        .toList();
  }

  private static Optional<Problem> behind(String what, long before, long now, Path file) {
    return now >= before
        ? Optional.empty()
        : Optional.of(
            new Problem(
                Problem.Code.BEHIND,
                "%s have gone back from %,d at the stop before (%s) to %,d: models were lost"
                    .formatted(what, before, file, now)));
  }
}
