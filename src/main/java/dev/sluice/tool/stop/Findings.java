package dev.sluice.tool.stop;

import java.util.List;
import java.util.stream.Stream;

/**
 * What a proof, or a part of it, has found, in the order in which it was found.
 *
 * @param problems why the snapshot or its stop must not be trusted
 * @param warnings what is worth knowing, a sentence each
 * @param notProved what was not checked, as a receipt says it
 */
record Findings(List<Problem> problems, List<String> warnings, List<String> notProved) {

  static final Findings NONE = new Findings(List.of(), List.of(), List.of());

  static Findings problems(List<Problem> problems) {
    return new Findings(List.copyOf(problems), List.of(), List.of());
  }

  static Findings problem(Problem.Code code, String text) {
    return problems(List.of(new Problem(code, text)));
  }

  static Findings warnings(List<String> warnings) {
    return new Findings(List.of(), List.copyOf(warnings), List.of());
  }

  static Findings warning(String text) {
    return warnings(List.of(text));
  }

  static Findings notProved(String clause) {
    return new Findings(List.of(), List.of(), List.of(clause));
  }

  Findings and(Findings more) {
    return new Findings(
        both(problems, more.problems),
        both(warnings, more.warnings),
        both(notProved, more.notProved));
  }

  private static <T> List<T> both(List<T> first, List<T> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  /** The problems in words. */
  List<String> problemTexts() {
    return Problem.texts(problems);
  }
}
