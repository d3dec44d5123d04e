package dev.sluice.tool.cli;

import dev.sluice.tool.demo.FlightEvents;
import dev.sluice.tool.demo.Flights;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import picocli.CommandLine.Command;

/** Prints the events that the demo makes of flights. */
@Command(
    name = "flights",
    description = "Prints the events that the demo makes of a file of flights, JSON lines.",
    exitCodeList = {"0:printed", "1:the file can't be read"},
    footer = {
      "",
      "Example, a champion of the first 100,000 flights:",
      "  sluice flights notebooks/data/flights-2001-500k.csv.gz --to-row 100000 |",
      "    sluice train - --output champion.tribuo --without destination"
    })
final class FlightsCommand extends FlightsVerb {

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
