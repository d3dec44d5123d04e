package dev.sluice.tool.stop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

  /** The command that submits a job from a snapshot. */
  public static String flinkRun(
      String snapshot,
      int parallelism,
      Map<String, String> flink,
      String jar,
      Map<String, String> settings) {
    List<String> words = new ArrayList<>(List.of("flink", "run", "-d", "-s", snapshot));
    words.addAll(List.of("-p", "" + parallelism));
    flink.forEach((key, value) -> words.add("-D" + key + "=" + value));
    words.add(jar);
    words.addAll(arguments(settings));
    return join(words);
  }

  /** Settings as a job's main method takes them. */
  public static List<String> arguments(Map<String, String> settings) {
    return settings.entrySet().stream()
        .flatMap(one -> Stream.of("--" + one.getKey(), one.getValue()))
        .toList();
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
