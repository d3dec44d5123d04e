package dev.sluice.tool.lint;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the words of a command line. */
final class Arguments {

  private Arguments() {}

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

  /** Whether it starts a guard. */
  static boolean isGuard(List<String> words) {
    return words.contains("guard");
  }
}
