package dev.sluice.tool.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** A verb's help as a page for man(1), in the macros of man(7). Flags that each verb has, too. */
final class ManPage {

  private final CommandSpec spec;
  private final UsageMessageSpec usage;
  private final StringBuilder page = new StringBuilder();

  private ManPage(CommandLine command) {
    this.spec = command.getCommandSpec();
    this.usage = spec.usageMessage();
  }

  /** The page's name: that of the verb with dashes. */
  static String name(CommandLine command) {
    return command.getCommandSpec().qualifiedName("-");
  }

  static String of(CommandLine command, String version) {
    return new ManPage(command).write(version);
  }

  private String write(String version) {
    line(
        ".TH \"%s\" 1 \"\" \"%s\""
            .formatted(spec.qualifiedName("-").toUpperCase(Locale.ROOT), version));
    section("NAME");
    List<String> header = new ArrayList<>(List.of(usage.header()));
    if (header.isEmpty()) {
      header.addAll(List.of(usage.description()));
    }
    line(text(spec.qualifiedName("-")) + " \\- " + text(String.join(" ", header)));
    section("SYNOPSIS");
    line(".B " + text(spec.qualifiedName()));
    line(text(synopsis()));
    describe("DESCRIPTION", usage.header().length == 0 ? new String[0] : usage.description());
    parameters();
    options();
    verbs();
    Map<String, String> codes = usage.exitCodeList();
    if (!codes.isEmpty()) {
      section("EXIT STATUS");
      codes.forEach(this::item);
    }
    describe(
        "NOTES",
        Stream.concat(usage.footerHeading().formatted().lines(), Stream.of(usage.footer()))
            .toArray(String[]::new));
    return page.toString();
  }

  private String synopsis() {
    StringBuilder words = new StringBuilder("[OPTIONS]");
    for (PositionalParamSpec each : spec.positionalParameters()) {
      words.append(' ').append(each.paramLabel());
    }
    return spec.subcommands().isEmpty() ? words.toString() : words + " VERB";
  }

  private void parameters() {
    if (!spec.positionalParameters().isEmpty()) {
      section("PARAMETERS");
      spec.positionalParameters().forEach(each -> item(each.paramLabel(), words(each)));
    }
  }

  private void options() {
    section("OPTIONS");
    for (OptionSpec each : spec.options()) {
      boolean refused = each.longestName().equals("-p");
      if (!refused) {
        String value = each.arity().max() > 0 ? " " + each.paramLabel() : "";
        item(String.join(", ", each.names()) + value, words(each));
      }
    }
  }

  private void verbs() {
    if (!spec.subcommands().isEmpty()) {
      section("VERBS");
      spec.subcommands()
          .forEach(
              (name, verb) -> {
                UsageMessageSpec of = verb.getCommandSpec().usageMessage();
                if (!of.hidden()) {
                  item(name, String.join(" ", of.header()));
                }
              });
    }
  }

  private static String words(ArgSpec of) {
    String text = String.join(" ", of.description());
    String standard = of.defaultValue();
    Iterable<String> candidates = of.completionCandidates();
    return text.replace("${DEFAULT-VALUE}", standard == null ? "none" : standard)
        .replace(
            "${COMPLETION-CANDIDATES}", candidates == null ? "" : String.join(", ", candidates));
  }

  private void describe(String name, String[] lines) {
    if (lines.length > 0) {
      section(name);
      line(".nf");
      for (String each : lines) {
        line(text(each));
      }
      line(".fi");
    }
  }

  private void section(String name) {
    line(".SH " + name);
  }

  private void item(String name, String words) {
    line(".TP");
    line(".B " + text(name));
    line(text(words));
  }

  private void line(String text) {
    page.append(text).append('\n');
  }

  /** No line of a text is taken for a request, and no dash for a hyphen. */
  private static String text(String words) {
    String escaped = words.replace("\\", "\\e").replace("-", "\\-");
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }
}
