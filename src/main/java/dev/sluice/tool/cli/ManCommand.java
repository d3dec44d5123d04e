package dev.sluice.tool.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Writes the pages for man(1), for the build. */
@Command(
    name = "man",
    hidden = true,
    header = "Writes a page for man(1) of each verb into a directory.",
    mixinStandardHelpOptions = true,
    exitCodeList = {"0:written", "1:an error"},
    footer = "  sluice man target/man")
final class ManCommand extends Verb {

  @Parameters(paramLabel = "DIR", description = "Where they go; it is made if it is not there.")
  Path directory = Path.of("");

  @Override
  public Integer call() throws IOException {
    Files.createDirectories(directory);
    write(spec.root().commandLine(), new Sluice.Version().getVersion()[0]);
    return 0;
  }

  private void write(CommandLine command, String version) throws IOException {
    if (command.getCommandSpec().usageMessage().hidden()) {
      return;
    }
    Files.writeString(
        directory.resolve(ManPage.name(command) + ".1"), ManPage.of(command, version));
    for (CommandLine verb : command.getSubcommands().values()) {
      write(verb, version);
    }
  }
}
