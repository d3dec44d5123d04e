package dev.sluice.tool.demo;

import dev.sluice.tool.events.InputEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;

/**
 * What happens to a flight: its departure, an observation, or its landing, an outcome.
 *
 * @param flight the flight
 * @param landed false at departure, true at landing
 * @param originLateness at departure, the lateness of its origin as known then; 0 at landing
 * @param destinationLateness at departure, the lateness of its destination as known then; 0 at
 *     landing
 */
public record FlightEvent(
    Flight flight, boolean landed, double originLateness, double destinationLateness)
    implements InputEvent {

  /** Near the mean distance; a logarithm around 0 learns faster than one around 6. */
  private static final double TYPICAL_MILES = 600;

  private static final double DIGITS = 1e6;

  @Override
  public String id() {
    return "f-" + flight.row();
  }

  /** The entity: the airport of departure. */
  public String key() {
    return flight.origin();
  }

  @Override
  public byte[] keyBytes() {
    return key().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public long timeMs() {
    return landed ? flight.landingMs() : flight.departureMs();
  }

  @Override
  public byte[] json() {
    StringBuilder json = new StringBuilder(256);
    json.append("{\"type\":\"").append(landed ? "outcome" : "observation");
    json.append("\",\"id\":\"").append(id());
    json.append("\",\"key\":\"").append(key());
    json.append("\",\"time\":\"").append(Instant.ofEpochMilli(timeMs()));
    if (landed) {
      json.append("\",\"label\":\"").append(flight.late() ? "late" : "ontime").append("\"}");
    } else {
      json.append("\",\"features\":");
      features(json);
      json.append('}');
    }
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void features(StringBuilder json) {
    ZonedDateTime departure = Instant.ofEpochMilli(flight.departureMs()).atZone(ZoneOffset.UTC);
    int hour = departure.getHour();
    json.append("{\"hour\":\"").append(hour < 10 ? "0" : "").append(hour);
    json.append("\",\"dow\":\"").append(departure.getDayOfWeek().getValue());
    json.append("\",\"logDistance\":");
    json.append(rounded(Math.log(flight.distanceMiles() / TYPICAL_MILES)));
    json.append(",\"destination\":\"").append(flight.destination());
    json.append("\",\"originLateness\":").append(rounded(originLateness));
    json.append(",\"destinationLateness\":").append(rounded(destinationLateness)).append('}');
  }

  private static double rounded(double value) {
    return Math.round(value * DIGITS) / DIGITS;
  }
}
