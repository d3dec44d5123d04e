package dev.sluice.tool.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A verb whose result is printed as a text or as JSON. */
@Command(mixinStandardHelpOptions = true)
abstract class Verb implements Callable<Integer> {

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin OutputForm output = new OutputForm();

  /**
   * Prints one of the two forms of a result.
   *
   * @param text with its line ends
   * @return the exit code
   */
  final int print(ExitCode code, Map<String, ?> json, String text) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (output.isJson()) {
      output.print(out, json);
    } else {
      out.print(text);
      out.flush();
    }
    return code.number();
  }
}
