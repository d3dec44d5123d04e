package dev.sluice.tool.demo;

import java.util.HashMap;
import java.util.Map;

/**
 * How late an airport is running: the exponentially weighted share of late flights among those that
 * left it or came to it, counted as they land. Starts at 0.2, the share over the whole file, and
 * moves by .05 of the difference with each landing, so it remembers about the last 20.
 */
final class AirportLateness {

  static final double START = 0.2;
  static final double RATE = 0.05;

  private final Map<String, Double> byAirport = new HashMap<>();

  /** The lateness of an airport, between 0 and 1. */
  double at(String airport) {
    return byAirport.getOrDefault(airport, START);
  }

  /** Counts a flight that has landed, at both of its ends. */
  void land(Flight flight) {
    move(flight.origin(), flight.late());
    move(flight.destination(), flight.late());
  }

  private void move(String airport, boolean late) {
    double before = at(airport);
    byAirport.put(airport, before + RATE * ((late ? 1 : 0) - before));
  }
}
