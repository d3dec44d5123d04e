package dev.sluice.tool.demo;

import java.util.Comparator;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Turns flights into events in the order of their time: an observation at departure, an outcome at
 * landing. At the same instant landings come before departures, each in the order of the file.
 *
 * <p>Honest: a departure's features know a label only if that flight has landed by then, that is,
 * only if its outcome comes earlier in this sequence. Deterministic: the same flights give the same
 * events, bit for bit. Holds the flights in the air, nothing more.
 *
 * <p>Rows before {@code fromRow} give no events, but their landings count in the airports'
 * lateness, so that the events of a row are the same wherever the sequence begins. Rows from {@code
 * toRow} on are not read; the flights then in the air still land.
 */
public final class FlightEvents implements Iterator<FlightEvent> {

  private static final Comparator<Flight> BY_LANDING =
      Comparator.comparingLong(Flight::landingMs).thenComparingInt(Flight::row);

  private final Iterator<Flight> flights;
  private final int fromRow;
  private final int toRow;
  private final PriorityQueue<Flight> inTheAir = new PriorityQueue<>(BY_LANDING);
  private final AirportLateness lateness = new AirportLateness();
  private @Nullable Flight departing;
  private @Nullable FlightEvent next;

  /**
   * The events of the rows from {@code fromRow} (included) to {@code toRow} (excluded).
   *
   * @param flights every flight from row 0 on, in the order of departure
   */
  public FlightEvents(Iterator<Flight> flights, int fromRow, int toRow) {
    if (fromRow < 0 || toRow < fromRow) {
      throw new IllegalArgumentException(
          "rows must run from 0 or later to a later one, but are (%s) to (%s)"
              .formatted(fromRow, toRow));
    }
    this.flights = flights;
    this.fromRow = fromRow;
    this.toRow = toRow;
    departing = depart();
    next = wanted();
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public FlightEvent next() {
    FlightEvent event = next;
    if (event == null) {
      throw new NoSuchElementException();
    }
    next = wanted();
    return event;
  }

  private @Nullable FlightEvent wanted() {
    FlightEvent event = advance();
    while (event != null && event.flight().row() < fromRow) {
      event = advance();
    }
    return event;
  }

  private @Nullable FlightEvent advance() {
    Flight landing = inTheAir.peek();
    Flight flight = departing;
    if (landing != null && (flight == null || landing.landingMs() <= flight.departureMs())) {
      inTheAir.remove();
      lateness.land(landing);
      return new FlightEvent(landing, true, 0, 0);
    }
    if (flight == null) {
      return null;
    }
    inTheAir.add(flight);
    departing = depart();
    return new FlightEvent(
        flight, false, lateness.at(flight.origin()), lateness.at(flight.destination()));
  }

  private @Nullable Flight depart() {
    if (!flights.hasNext()) {
      return null;
    }
    Flight flight = flights.next();
    return flight.row() < toRow ? flight : null;
  }
}
