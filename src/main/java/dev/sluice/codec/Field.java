package dev.sluice.codec;

import org.jspecify.annotations.Nullable;

/** The fields of an event that mean something; every other field is skipped. */
enum Field {
  TYPE("type", 1),
  ID("id", 2),
  KEY("key", 4),
  TIME("time", 8),
  FEATURES("features", 16),
  LABEL("label", 32),
  VALUE("value", 64);

  private final String text;
  private final int bit;

  Field(String text, int bit) {
    this.text = text;
    this.bit = bit;
  }

  /** The field of this name, null if it means nothing. */
  static @Nullable Field named(String name) {
    return switch (name) {
      case "type" -> TYPE;
      case "id" -> ID;
      case "key" -> KEY;
      case "time" -> TIME;
      case "features" -> FEATURES;
      case "label" -> LABEL;
      case "value" -> VALUE;
      default -> null;
    };
  }

  /** Its name in JSON. */
  String text() {
    return text;
  }

  /** One bit, another for each field. */
  int bit() {
    return bit;
  }

  @Override
  public String toString() {
    return "field \"" + text + '"';
  }
}
