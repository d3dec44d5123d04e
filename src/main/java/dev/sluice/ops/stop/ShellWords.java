package dev.sluice.ops.stop;

import java.util.List;
import java.util.stream.Collectors;

/** Writes a command as a person would paste it into a shell. */
public final class ShellWords {

  private ShellWords() {}

  /**
   * The words with blanks between them, quoted where a shell would take them for something else.
   */
  public static String join(List<String> words) {
    return words.stream()
        .map(
            word ->
                word.matches("[A-Za-z0-9_./:=,@%+-]+")
                    ? word
                    : "'" + word.replace("'", "'\\''") + "'")
        .collect(Collectors.joining(" "));
  }
}
