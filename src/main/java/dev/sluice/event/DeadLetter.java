package dev.sluice.event;

/**
 * The answer to an input record that can't be used: the record as it came, and why.
 *
 * @param raw the record as it came
 * @param reason the fixed code
 * @param detail for people
 */
public record DeadLetter(RawRecord raw, Reason reason, String detail) implements Answer {

  @Override
  public Origin origin() {
    return raw.origin();
  }
}
