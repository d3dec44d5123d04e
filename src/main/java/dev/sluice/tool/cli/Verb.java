package dev.sluice.tool.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that does something, and where it prints. */
abstract class Verb implements Callable<Integer> {

  @Spec CommandSpec spec = CommandSpec.create();

  /** For results. */
  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** For diagnostics. */
  final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** The error of a command line that can't be meant. */
  final ParameterException misused(String text) {
    return new ParameterException(spec.commandLine(), text);
  }

  /**
   * Checks the command line.
   *
   * @throws ParameterException if it can't be meant
   */
  final void require(boolean holds, String otherwise) {
    if (!holds) {
      throw misused(otherwise);
    }
  }
}
