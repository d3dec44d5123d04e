package dev.sluice.tool.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/**
 * How much a verb says on stderr, and in which colours: the same flags on every verb. They are left
 * out of the help of each; that of the tool has them.
 */
final class Console {

  @Option(
      names = {"-v", "--verbose"},
      hidden = true,
      description = "Say why in full: stack traces, and the log of Flink's and Kafka's clients.")
  boolean verbose;

  @Option(names = "--quiet", hidden = true, description = "Say results and errors only.")
  boolean quiet;

  @Option(
      names = "--color",
      hidden = true,
      paramLabel = "WHEN",
      defaultValue = "auto",
      description = "auto, always or never; NO_COLOR counts for auto.")
  Color color = Color.auto;

  /** When to use colours, named as they are typed. */
  enum Color {
    auto,
    always,
    never
  }

  /** What a mark means. */
  enum Mark {
    GOOD("\u001b[32m"),
    BAD("\u001b[31m"),
    PASSED_OVER("\u001b[33m");

    private static final String RESET = "\u001b[0m";

    private final String code;

    Mark(String code) {
      this.code = code;
    }
  }

  /** A text in the colour of a mark, or as it is. */
  String in(Mark mark, String text) {
    return colours(System.getenv(), isTerminal()) ? mark.code + text + Mark.RESET : text;
  }

  /**
   * Whether colours are used: see no-color.org.
   *
   * @param terminal whether stdin, stdout and stderr are one
   */
  boolean colours(Map<String, String> environment, boolean terminal) {
    return switch (color) {
      case always -> true;
      case never -> false;
      case auto ->
          terminal
              && environment.getOrDefault("NO_COLOR", "").isEmpty()
              && !environment.getOrDefault("TERM", "dumb").equals("dumb");
    };
  }

  /**
   * Whether stdin, stdout and stderr are terminals. From JDK 22 on there is a console without a
   * terminal, too.
   */
  @SuppressWarnings("SystemConsoleNull")
  static boolean isTerminal() {
    return System.console() != null
        && System.getenv("TERM") != null
        && isTerminal(Path.of("/proc/self/fd/2"));
  }

  /**
   * Whether a descriptor's link leads to a terminal; where the system does not say, it is assumed
   * to be one.
   */
  static boolean isTerminal(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.startsWith("/dev/") && !target.equals("/dev/null");
    } catch (IOException | UnsupportedOperationException unknown) {
      return true;
    }
  }

  /** Receives what is being done, a sentence each, and prints it unless it is to be quiet. */
  Consumer<String> progress(PrintWriter err) {
    return text -> {
      if (!quiet) {
        err.println("  " + text);
        err.flush();
      }
    };
  }
}
