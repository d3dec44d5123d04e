package dev.sluice.tool.cli;

import dev.sluice.tool.demo.FlightEvents;
import dev.sluice.tool.demo.Flights;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A verb of the demo, which makes events of flights. */
@Command(hidden = true, mixinStandardHelpOptions = true)
abstract class FlightsVerb extends Verb {

  @Mixin Console console = new Console();

  @Parameters(
      paramLabel = "DATA",
      description = "CSV of flights, .gz allowed: date,delay,distance,origin,destination.")
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

  final FlightEvents events(Flights flights) {
    require(
        fromRow >= 0 && toRow >= fromRow,
        "--from-row (%s) must be 0 or more and not behind --to-row (%s)".formatted(fromRow, toRow));
    return new FlightEvents(flights, fromRow, toRow);
  }
}
