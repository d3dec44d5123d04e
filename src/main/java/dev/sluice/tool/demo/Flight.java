package dev.sluice.tool.demo;

/**
 * One flight of the file.
 *
 * @param row its number in the file, from 0
 * @param departureMs actual departure, epoch milliseconds; the airport's local time taken as UTC
 * @param delayMinutes how late it arrived; negative = early
 * @param distanceMiles how far it flew, positive
 * @param origin IATA code of the airport it left
 * @param destination IATA code of the airport it reached
 */
public record Flight(
    int row,
    long departureMs,
    int delayMinutes,
    int distanceMiles,
    String origin,
    String destination) {

  private static final int LATE_MINUTES = 15;
  private static final long GROUND_MS = 30 * 60_000L;
  private static final long MS_PER_MILE = 8_000;

  /** When its label becomes known: 30 minutes on the ground, then 7.5 miles a minute. */
  public long landingMs() {
    return departureMs + GROUND_MS + distanceMiles * MS_PER_MILE;
  }

  /** Whether it arrived more than 15 minutes late. */
  public boolean late() {
    return delayMinutes > LATE_MINUTES;
  }
}
