package dev.sluice.tool.lint;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A number that was read.
 *
 * @param key its name
 * @param text as written there
 * @param value what that means
 * @param place where
 * @param standard whether it is not written, but is the default where that place says nothing
 */
record Reading(Key key, String text, Duration value, Place place, boolean standard) {

  Quantity quantity() {
    return key.quantity();
  }

  Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("name", key.text());
    figures.put("value", text);
    figures.put("seconds", value.toMillis() / 1000.0);
    figures.put("file", place.file());
    if (!place.unit().isEmpty()) {
      figures.put("unit", place.unit());
    }
    figures.put("default", standard);
    return figures;
  }

  @Override
  public String toString() {
    return "%s (%s%s, %s)".formatted(key.text(), text, standard ? " by default" : "", place);
  }
}
