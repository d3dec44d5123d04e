package dev.sluice.tool.lint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What was read, and which of it can't hold together. */
public final class LintReport {

  /**
   * A check for which a number was not there.
   *
   * @param check its name
   * @param missing what would be needed
   */
  private record Unmade(String check, List<String> missing) {}

  private final Numbers numbers;
  private final List<String> silent;
  private final List<Contradiction> contradictions;
  private final List<Unmade> unmade;

  private LintReport(
      Numbers numbers,
      List<String> silent,
      List<Contradiction> contradictions,
      List<Unmade> unmade) {
    this.numbers = numbers;
    this.silent = List.copyOf(silent);
    this.contradictions = contradictions;
    this.unmade = unmade;
  }

  /** Makes the checks. */
  static LintReport of(Numbers numbers, List<String> silent) {
    List<Reading> read = numbers.read();
    List<Contradiction> contradictions = new ArrayList<>();
    List<Unmade> unmade = new ArrayList<>();
    for (Check check : Check.ALL) {
      List<String> missing = check.missing(read).stream().map(Quantity::wanted).toList();
      if (missing.isEmpty()) {
        contradictions.addAll(check.against(read));
      } else {
        unmade.add(new Unmade(check.name(), missing));
      }
    }
    return new LintReport(numbers, silent, contradictions, unmade);
  }

  /**
   * 0 if nothing contradicts, 5 if something does, 1 if something can't be read, or nothing could
   * be checked.
   */
  public int exitCode() {
    if (!contradictions.isEmpty()) {
      return 5;
    }
    return numbers.unreadable().isEmpty() && checked() > 0 ? 0 : 1;
  }

  private int checked() {
    return Check.ALL.size() - unmade.size();
  }

  /** For programs. */
  public Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("exitCode", exitCode());
    figures.put("contradictions", contradictions.stream().map(Contradiction::figures).toList());
    figures.put(
        "unreadable",
        numbers.unreadable().stream()
            .map(each -> Map.of("file", each.file(), "reason", each.reason()))
            .toList());
    figures.put("read", numbers.read().stream().map(Reading::figures).toList());
    figures.put(
        "notChecked",
        unmade.stream()
            .map(each -> Map.of("check", each.check(), "missing", each.missing()))
            .toList());
    figures.put("nothingIn", silent);
    figures.put("notes", numbers.notes());
    return figures;
  }

  /** For people: what was read first, the verdict last. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    numbers.read().stream()
        .filter(each -> each.quantity() != Quantity.PROOF_TIME || !each.standard())
        .forEach(each -> lines.add("read         " + each));
    silent.forEach(file -> lines.add("nothing in   " + file));
    numbers.notes().forEach(note -> lines.add("note         " + note));
    missing().forEach(line -> lines.add("not checked  " + line));
    numbers
        .unreadable()
        .forEach(each -> lines.add("UNREADABLE   %s: %s".formatted(each.file(), each.reason())));
    contradictions.forEach(each -> lines.add("CONTRADICTS  " + each));
    lines.add(verdict());
    return lines;
  }

  /** Checks that want the same numbers in one line; none at all if there is no number. */
  private List<String> missing() {
    if (numbers.read().stream().allMatch(each -> each.quantity() == Quantity.PROOF_TIME)) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    unmade.stream()
        .collect(
            Collectors.groupingBy(
                Unmade::missing,
                LinkedHashMap::new,
                Collectors.mapping(Unmade::check, Collectors.joining(", "))))
        .forEach(
            (missing, checks) ->
                lines.add("%s: not known is %s".formatted(checks, String.join(", ", missing))));
    return lines;
  }

  private String verdict() {
    if (checked() == 0) {
      return "Nothing could be checked: name the files of a whole deployment.";
    }
    return "%s of %s checks made: %s"
        .formatted(
            checked(),
            Check.ALL.size(),
            exitCode() == 0
                ? "no contradiction."
                : "%s contradictions, %s unreadable."
                    .formatted(contradictions.size(), numbers.unreadable().size()));
  }
}
