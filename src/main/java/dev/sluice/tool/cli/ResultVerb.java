package dev.sluice.tool.cli;

import dev.sluice.tool.broker.ReadingProgress;
import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A verb whose result is printed as a text, or for programs. */
@Command(mixinStandardHelpOptions = true)
abstract class ResultVerb extends Verb {

  @Mixin OutputForm output = new OutputForm();

  /**
   * Prints one of the two forms of a result.
   *
   * @param object the one for programs
   * @param text prints the one for people
   * @return the exit code
   */
  final int print(int exitCode, Object object, Consumer<PrintWriter> text) {
    if (output.isJson()) {
      output.print(out(), object);
    } else {
      text.accept(out());
      out().flush();
    }
    return exitCode;
  }

  /** The same of a result that is good. */
  final int print(Object object, Consumer<PrintWriter> text) {
    return print(ExitCode.DONE.number(), object, text);
  }

  /** Receives what is being done, a sentence each. */
  final Consumer<String> progress() {
    return output.console.progress(err());
  }

  /** Receives how far a long reading has come. */
  final ReadingProgress reading() {
    return new AuditProgress(err(), output.console);
  }
}
