package dev.sluice.tool.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Prints what a verb prints with -o json, as a JSON Schema. */
@Command(
    name = "schema",
    header = "Prints the JSON Schema of what a verb prints with -o json or -o yaml.",
    mixinStandardHelpOptions = true,
    exitCodeList = {"0:printed", "1:an error"},
    footer = {"  sluice schema stop", "  sluice schema context list"})
final class SchemaCommand extends Verb {

  @Mixin Console console = new Console();

  @Parameters(
      paramLabel = "VERB",
      arity = "1..2",
      description = "A verb of one or two words, or error: what any verb prints that fails.")
  String[] verb = {};

  @Override
  public Integer call() throws IOException {
    String name = name(verb);
    try (InputStream schema = SchemaCommand.class.getResourceAsStream(name)) {
      if (schema == null) {
        throw misused("VERB (%s) prints no JSON".formatted(String.join(" ", verb)));
      }
      out().print(new String(schema.readAllBytes(), StandardCharsets.UTF_8));
    }
    out().flush();
    return 0;
  }

  /** The resource next to this class; each command of control answers in the same form. */
  static String name(String... verb) {
    String name = verb[0].equals("control") ? "control" : String.join("-", verb);
    return name.matches("[a-z-]+") ? name + ".schema.json" : "none";
  }
}
