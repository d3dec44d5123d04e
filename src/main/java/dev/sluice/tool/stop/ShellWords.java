package dev.sluice.tool.stop;

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

  /**
   * What follows the first words of a command that was {@link #join joined}, with the blank before
   * it; empty if nothing does.
   */
  static String behind(String command, int words) {
    int left = words;
    boolean quoted = false;
    for (int i = 0; i < command.length(); i++) {
      char c = command.charAt(i);
      if (c == '\'') {
        quoted = !quoted;
      } else if (c == '\\' && !quoted) {
        i++; // what follows is a word's
      } else if (c == ' ' && !quoted && --left == 0) {
        return command.substring(i);
      }
    }
    return "";
  }
}
