package dev.sluice.tool.lint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gathers what the files hold. */
final class Numbers {

  /**
   * Something that can't be judged.
   *
   * @param file in which
   * @param reason what is wrong, and what would be right
   */
  record Unreadable(String file, String reason) {}

  private final List<Reading> read = new ArrayList<>();
  private final List<Unreadable> unreadable = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /** Takes a number, or what holds if it is not given. */
  void take(Key key, @Nullable Object given, Place place) {
    String text = given == null ? key.standard() : String.valueOf(given);
    if (text == null) {
      return;
    }
    try {
      read.add(new Reading(key, text, key.notation().parse(text), place, given == null));
    } catch (IllegalArgumentException e) {
      unreadable(
          place.file(),
          "%s (%s)%s must be %s"
              .formatted(
                  key.text(),
                  text,
                  place.unit().isEmpty() ? "" : " of " + place.unit(),
                  key.notation().words()));
    }
  }

  /**
   * Takes a guard's grace period, and how long it has before it is killed.
   *
   * @param words of a command line; of another program's, nothing is taken
   * @param given null if it is not given
   */
  void guard(List<String> words, Key killedAfter, @Nullable Object given, Place place) {
    if (words.contains("guard")) {
      take(Key.GRACE, value(words, Key.GRACE.text()), place);
      take(killedAfter, given, place);
    }
  }

  /** The value of a flag, behind it or behind its equals sign; the last one holds. */
  static @Nullable String value(List<String> words, String flag) {
    String found = null;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.equals(flag)) {
        found = i + 1 < words.size() ? words.get(i + 1) : "";
      } else if (word.startsWith(flag + "=")) {
        found = word.substring(flag.length() + 1);
      }
    }
    return found;
  }

  void unreadable(String file, String reason) {
    unreadable.add(new Unreadable(file, reason));
  }

  void note(String note) {
    notes.add(note);
  }

  /** How much has been said so far. */
  int size() {
    return read.size() + unreadable.size() + notes.size();
  }

  /** A default holds only where no file says otherwise; those of a pod are its own. */
  List<Reading> read() {
    List<Reading> holding =
        read.stream()
            .filter(each -> !each.standard() || !each.place().unit().isEmpty() || !isSet(each))
            .toList();
    return holding.stream().map(each -> inTime(each, holding)).toList();
  }

  /** A failed checkpoint costs its timeout, or the time until the next if that is longer. */
  private static Reading inTime(Reading count, List<Reading> all) {
    if (count.quantity() != Quantity.FAILED_CHECKPOINTS) {
      return count;
    }
    Duration each =
        all.stream()
            .filter(
                one ->
                    one.quantity() == Quantity.CHECKPOINT_TIMEOUT
                        || one.quantity() == Quantity.CHECKPOINT_INTERVAL)
            .map(Reading::value)
            .max(Comparator.naturalOrder())
            .orElse(Duration.ZERO);
    long times = Math.min(count.value().toSeconds(), Notation.FOREVER.toSeconds() / 86_400);
    Duration together =
        each.compareTo(Notation.FOREVER.dividedBy(Math.max(1, times))) > 0
            ? Notation.FOREVER
            : each.multipliedBy(times);
    return new Reading(count.key(), count.text(), together, count.place(), count.standard());
  }

  private boolean isSet(Reading standard) {
    return read.stream()
        .anyMatch(each -> !each.standard() && each.quantity() == standard.quantity());
  }

  List<Unreadable> unreadable() {
    return List.copyOf(unreadable);
  }

  List<String> notes() {
    return List.copyOf(notes);
  }
}
