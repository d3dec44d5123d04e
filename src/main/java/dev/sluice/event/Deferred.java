package dev.sluice.event;

/**
 * The answer to an observation that is not to be scored now: the record as it came, to be fed back
 * later.
 *
 * @param raw the record as it came
 */
public record Deferred(RawRecord raw) implements Answer {

  @Override
  public Origin origin() {
    return raw.origin();
  }
}
