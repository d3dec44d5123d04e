package dev.sluice.tool.flink;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Finds the sentence that says why in a Java stack trace. */
final class Traces {

  private static final String CAUSE = "Caused by: ";

  /** What Flink's REST interface puts around a trace. */
  private static final String FRAME = "<Exception on server side:";

  /** Control characters, formats such as the direction of text, line ends. */
  private static final Pattern UNSEEN = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

  private Traces() {}

  /** The innermost cause of a trace, without the class's package; the text itself if it is none. */
  static String cause(String trace) {
    List<String> heads = new ArrayList<>();
    for (String line :
        trace.lines().map(String::strip).filter(each -> !each.equals(FRAME)).toList()) {
      if (heads.isEmpty() || line.startsWith(CAUSE)) {
        heads.add(line.startsWith(CAUSE) ? line.substring(CAUSE.length()) : line);
      }
    }
    String last = heads.isEmpty() ? "" : heads.get(heads.size() - 1);
    return shown(last.replaceFirst("^(?:[a-z][a-zA-Z0-9_]*\\.)+(?=[A-Z])", ""));
  }

  /** Names and texts of other parties, without characters that a terminal would interpret. */
  static String shown(String text) {
    return UNSEEN.matcher(text).replaceAll("?");
  }
}
