package dev.sluice.codec;

import org.jspecify.annotations.Nullable;

/** The fields of an event that mean something; every other field is skipped. */
enum Field {
  TYPE("type"),
  ID("id"),
  KEY("key"),
  TIME("time"),
  FEATURES("features"),
  LABEL("label"),
  VALUE("value");

  private final String text;

  Field(String text) {
    this.text = text;
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

  @Override
  public String toString() {
    return "field \"" + text + '"';
  }
}
