package dev.sluice.tool.events;

import dev.sluice.codec.EventDecoder;
import java.time.Duration;

/**
 * How a file is read.
 *
 * @param fromRow the first row that gives events, from 0
 * @param toRow the row behind the last
 * @param delay how long after its row an outcome comes, in the rows' own time; zero for right
 *     behind
 * @param prefix what ids begin with that are made of a row's number
 * @param decoder of the job: a row that it can't use is a bad one; used by no other thread
 */
public record Reading(
    long fromRow, long toRow, Duration delay, String prefix, EventDecoder decoder) {

  public Reading {
    if (fromRow < 0 || toRow < fromRow) {
      throw new IllegalArgumentException(
          "rows must run from 0 or later to a later one, but are (%s) to (%s)"
              .formatted(fromRow, toRow));
    }
    if (delay.isNegative()) {
      throw new IllegalArgumentException(
          "an outcome can't come before its observation, but the delay is (%s)".formatted(delay));
    }
  }

  /** All of a file. */
  public static Reading whole(Duration delay, String prefix, EventDecoder decoder) {
    return new Reading(0, Long.MAX_VALUE, delay, prefix, decoder);
  }
}
