package dev.sluice.enrich;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What happens to an observation whose lookup failed. */
public enum OnFailure {
  /** It is scored without the service's features. */
  PROCEED("proceed"),
  /** It leaves the job unscored, to be fed back later. */
  DEFER("defer"),
  /** It leaves the job as a dead letter. */
  DEAD_LETTER("dead-letter");

  private final String code;

  OnFailure(String code) {
    this.code = code;
  }

  /**
   * The policy of this name.
   *
   * @throws IllegalArgumentException naming the allowed ones
   */
  public static OnFailure ofCode(String code) {
    for (OnFailure policy : values()) {
      if (policy.code.equals(code)) {
        return policy;
      }
    }
    throw new IllegalArgumentException(
        "allowed: " + Arrays.stream(values()).map(p -> p.code).collect(Collectors.joining(", ")));
  }
}
