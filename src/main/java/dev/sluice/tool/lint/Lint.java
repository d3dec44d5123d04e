package dev.sluice.tool.lint;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Holds the numbers of one deployment against each other. A number that is given twice is checked
 * twice: a file that overrides another does not excuse it.
 */
public final class Lint {

  private static final String NAMES = ".*\\.(ya?ml|json|properties|service|conf)";

  private static final String UNKNOWN_SIZE =
      ("no file says how large the job's state is, so it is not known whether the guard has time for "
              + "the proof: %s s are assumed, enough for %,.1f GB; give --state-size, as "
              + "Flink shows it of the last checkpoint (full size, not the increment)")
          .formatted(
              Notation.SHORTEST_PROOF.toSeconds(),
              Notation.SHORTEST_PROOF.toSeconds() * Notation.PROVED_A_SECOND / 1e9);

  private final Numbers numbers = new Numbers();
  private final List<String> silent = new ArrayList<>();

  private Lint() {}

  /**
   * Reads files, and checks what they hold.
   *
   * @param files of one deployment; a directory means the files directly in it
   * @param plannedDowntime how long the job will be down, in whole seconds; null if that is not
   *     known
   * @param stateSize of the job, as {@code 4.8GB}: the proof of its savepoint takes as long; null
   *     if that is not known, which no file says
   */
  public static LintReport of(
      List<Path> files, @Nullable Duration plannedDowntime, @Nullable String stateSize) {
    Lint lint = new Lint();
    files.forEach(lint::read);
    lint.numbers.take(
        Key.DOWNTIME,
        plannedDowntime == null ? null : plannedDowntime.toSeconds() + "s",
        Place.of("command line"));
    lint.numbers.take(Key.STATE_SIZE, stateSize, Place.of("command line"));
    boolean stops =
        lint.numbers.read().stream().anyMatch(each -> each.quantity() == Quantity.GUARD_GRACE);
    if (stateSize == null && stops) {
      lint.numbers.note(UNKNOWN_SIZE);
    }
    return LintReport.of(lint.numbers, lint.silent);
  }

  private void read(Path file) {
    int before = numbers.size();
    try {
      if (Files.isDirectory(file)) {
        within(file).forEach(this::read);
        return;
      }
      new DeploymentFile(Place.of(file.toString()), numbers).read(Files.readString(file));
    } catch (NoSuchFileException e) {
      numbers.unreadable(file.toString(), "there is no such file");
    } catch (CharacterCodingException e) {
      numbers.unreadable(file.toString(), "it is not text in UTF-8");
    } catch (IOException e) {
      numbers.unreadable(file.toString(), "it can't be read: " + e);
    } catch (IllegalArgumentException e) {
      numbers.unreadable(file.toString(), String.valueOf(e.getMessage()));
    }
    if (numbers.size() == before) {
      silent.add(file.toString());
    }
  }

  private static List<Path> within(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.toString().matches(NAMES))
          .sorted()
          .toList();
    }
  }
}
