package dev.sluice.tool.cli;

import dev.sluice.tool.demo.FlightEvents;
import dev.sluice.tool.demo.Flights;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which flights to make events of. */
final class FlightRows {

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "DATA",
      description = "CSV of flights, .gz allowed: " + "date,delay,distance,origin,destination.")
  Path data = Path.of("");

  @Option(
      names = "--from-row",
      paramLabel = "ROW",
      defaultValue = "0",
      description = "First row, counted from 0 (default: 0).")
  int fromRow;

  @Option(
      names = "--to-row",
      paramLabel = "ROW",
      defaultValue = "2147483647",
      description = "The row behind the last (default: all).")
  int toRow = Integer.MAX_VALUE;

  FlightEvents events(Flights flights) {
    if (fromRow < 0 || toRow < fromRow) {
      throw new ParameterException(
          spec.commandLine(),
          "--from-row (%s) must be 0 or more and not behind --to-row (%s)"
              .formatted(fromRow, toRow));
    }
    return new FlightEvents(flights, fromRow, toRow);
  }
}
