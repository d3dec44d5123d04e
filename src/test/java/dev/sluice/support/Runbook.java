package dev.sluice.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code deploy/runbook.md}: its sections and their blocks of commands.
 *
 * @param sections the headings, in their order
 * @param blocks every block of commands, in its order
 */
public record Runbook(List<String> sections, List<Block> blocks) {

  private static final String FENCE = "```";
  private static final String PROMPT = "$ ";
  private static final Pattern RUN = Pattern.compile("<!-- run(?:: exit (\\d+))? -->");
  private static final Pattern NOT_RUN = Pattern.compile("<!-- not run: \\S.* -->");

  /**
   * Commands, and what they print.
   *
   * @param where the section and the line
   * @param mark what the comment before it says of running it
   * @param commands one after the other, without their prompts
   * @param printed lines of what they print, {@code …} for anything
   */
  public record Block(String where, String mark, List<String> commands, List<String> printed) {

    /** Whether it is to be run. */
    public boolean isRun() {
      return RUN.matcher(mark).matches();
    }

    /** Whether its mark says either that it is run, or why not. */
    public boolean isMarked() {
      return isRun() || NOT_RUN.matcher(mark).matches();
    }

    /** The exit code that the runbook gives. */
    public int exitCode() {
      Matcher reported = RUN.matcher(mark);
      return reported.matches() && reported.group(1) != null
          ? Integer.parseInt(reported.group(1))
          : 0;
    }

    /** The printed lines that an output does not have. Numbers may be others. */
    public List<String> missingIn(String output) {
      List<String> lines = output.lines().toList();
      return printed.stream()
          .filter(
              reported ->
                  lines.stream().noneMatch(line -> pattern(reported).matcher(line).matches()))
          .toList();
    }

    private static Pattern pattern(String reported) {
      Matcher parts = Pattern.compile("(…)|([0-9][0-9,.]*)|( +)").matcher(reported);
      StringBuilder pattern = new StringBuilder();
      int end = 0;
      while (parts.find()) {
        pattern.append(Pattern.quote(reported.substring(end, parts.start())));
        pattern.append(
            parts.group(1) != null ? ".*" : parts.group(2) != null ? "[0-9][0-9,.]*" : " +");
        end = parts.end();
      }
      return Pattern.compile(pattern + Pattern.quote(reported.substring(end)));
    }
  }

  /** Reads it. */
  public static Runbook read() throws IOException {
    return parse(
        Files.readAllLines(
            Path.of(System.getProperty("basedir", ""), "deploy", "runbook.md").toAbsolutePath()));
  }

  static Runbook parse(List<String> lines) {
    List<String> sections = new ArrayList<>();
    List<Block> blocks = new ArrayList<>();
    String mark = "";
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith("## ")) {
        sections.add(line.substring(3));
      } else if (line.startsWith(FENCE)) {
        int end = i + 1;
        while (end < lines.size() && !lines.get(end).equals(FENCE)) {
          end++;
        }
        String section = sections.isEmpty() ? "the beginning" : sections.get(sections.size() - 1);
        blocks.add(block("%s, line %s".formatted(section, i + 1), mark, lines.subList(i + 1, end)));
        i = end;
      }
      mark = lines.get(Math.min(i, lines.size() - 1)).isBlank() ? mark : line;
    }
    return new Runbook(List.copyOf(sections), List.copyOf(blocks));
  }

  private static Block block(String where, String mark, List<String> lines) {
    List<String> commands = new ArrayList<>();
    List<String> printed = new ArrayList<>();
    boolean goesOn = false;
    for (String line : lines) {
      if (goesOn) {
        commands.add(commands.remove(commands.size() - 1) + "\n" + line);
      } else if (line.startsWith(PROMPT)) {
        commands.add(line.substring(PROMPT.length()));
      } else if (!line.isBlank()) {
        printed.add(line);
      }
      goesOn = line.endsWith("\\");
    }
    return new Block(where, mark, List.copyOf(commands), List.copyOf(printed));
  }
}
