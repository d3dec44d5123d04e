package dev.sluice.tool.cli;

import dev.sluice.tool.demo.FlightEvents;
import dev.sluice.tool.demo.Flights;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the events that the demo makes of flights. */
@Command(
    name = "flights",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Prints the events that the demo makes of a file of flights, JSON lines.",
    exitCodeList = {"0:printed", "1:the file can't be read"},
    footer = {
      "",
      "Example, a champion of the first 100,000 flights:",
      "  sluice flights notebooks/data/flights-2001-500k.csv.gz --to-row 100000 |",
      "    sluice train - --output champion.tribuo --without destination"
    })
final class FlightsCommand extends Verb {

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

  private FlightEvents events(Flights flights) {
    require(
        fromRow >= 0 && toRow >= fromRow,
        "--from-row (%s) must be 0 or more and not behind --to-row (%s)".formatted(fromRow, toRow));
    return new FlightEvents(flights, fromRow, toRow);
  }

  @Override
  public Integer call() throws IOException {
    try (Flights flights = Flights.open(data);
        OutputStream out =
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16)) {
      FlightEvents all = events(flights);
      while (all.hasNext()) {
        out.write(all.next().json());
        out.write('\n');
      }
    }
    return 0;
  }
}
