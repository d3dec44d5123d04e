package dev.sluice.enrich;

import dev.sluice.event.Features;

/** What a lookup came to. */
sealed interface Finding {

  /**
   * The service knows something.
   *
   * @param features what it knows
   */
  record Found(Features features) implements Finding {}

  /** The service answered, and knows nothing. */
  record Unknown() implements Finding {}

  /**
   * The service did not answer, or not as it should.
   *
   * @param why for people
   */
  record Failed(String why) implements Finding {}
}
