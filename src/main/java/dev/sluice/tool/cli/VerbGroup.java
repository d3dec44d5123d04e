package dev.sluice.tool.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that only has verbs. */
@Command(mixinStandardHelpOptions = true)
abstract class VerbGroup implements Runnable {

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public final void run() {
    throw new ParameterException(spec.commandLine(), "Missing required verb");
  }
}
