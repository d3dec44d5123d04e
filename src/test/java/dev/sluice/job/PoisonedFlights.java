package dev.sluice.job;

import dev.sluice.tool.demo.Flight;
import dev.sluice.tool.demo.FlightEvent;
import java.time.Instant;
import java.util.Iterator;

/** Flights whose landings within some time are reported inverted. */
final class PoisonedFlights implements Iterator<FlightEvent> {

  private static final int LATE_MINUTES = 60;

  private final Iterator<FlightEvent> events;
  private final long fromMs;
  private final long toMs;
  private int poisoned;

  PoisonedFlights(Iterator<FlightEvent> events, Instant from, Instant to) {
    this.events = events;
    this.fromMs = from.toEpochMilli();
    this.toMs = to.toEpochMilli();
  }

  @Override
  public boolean hasNext() {
    return events.hasNext();
  }

  @Override
  public FlightEvent next() {
    FlightEvent event = events.next();
    if (!event.landed() || event.timeMs() < fromMs || event.timeMs() >= toMs) {
      return event;
    }
    poisoned++;
    Flight reported = event.flight();
    Flight opposite =
        new Flight(
            reported.row(),
            reported.departureMs(),
            reported.late() ? 0 : LATE_MINUTES,
            reported.distanceMiles(),
            reported.origin(),
            reported.destination());
    return new FlightEvent(opposite, true, 0, 0);
  }

  /** How many were reported inverted so far. */
  int poisoned() {
    return poisoned;
  }
}
