package dev.sluice.tool.stop;

import java.util.LinkedHashMap;
import java.util.Map;

/** An event as programs read it: in trails, webhooks and on the status page. */
public final class EventFields {

  private EventFields() {}

  /**
   * The fields in their order: {@code time} (ISO-8601), {@code step}, {@code event} ({@code
   * started}, {@code progress} or {@code ended}), then {@code result} and {@code durationMs} of a
   * step's end, {@code text}, and {@code figures} of a step's progress.
   */
  public static Map<String, Object> of(StopEvent event) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("time", event.at().toString());
    fields.put("step", event.step().code());
    fields.put("event", kind(event));
    if (event instanceof StopEvent.Ended ended) {
      fields.put("result", ended.result().code());
      fields.put("durationMs", ended.took().toMillis());
    }
    fields.put("text", event.text());
    if (event instanceof StopEvent.Progress progress) {
      fields.put("figures", progress.figures());
    }
    return fields;
  }

  private static String kind(StopEvent event) {
    if (event instanceof StopEvent.Started) {
      return "started";
    }
    return event instanceof StopEvent.Progress ? "progress" : "ended";
  }
}
