package dev.sluice.model;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Finds an enum's constant by the code that settings and stored models use. */
final class Codes {

  private Codes() {}

  static <E> E find(String what, E[] constants, Function<E, String> code, String value) {
    for (E constant : constants) {
      if (code.apply(constant).equals(value)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        "no %s is called (%s); allowed are %s"
            .formatted(
                what, value, Arrays.stream(constants).map(code).collect(Collectors.joining(", "))));
  }
}
