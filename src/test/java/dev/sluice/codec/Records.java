package dev.sluice.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.Origin;
import dev.sluice.event.RawRecord;

/** Input records for tests; the key is LAS unless said otherwise. */
final class Records {

  static final Origin ORIGIN = new Origin("sluice.events", 3, 42);
  static final long ARRIVAL_MS = 978_307_261_000L;

  private Records() {}

  static RawRecord record(String json) {
    return record("LAS", json);
  }

  static RawRecord record(String key, String json) {
    return record(key.getBytes(UTF_8), json.getBytes(UTF_8));
  }

  static RawRecord record(byte[] key, byte[] value) {
    return new RawRecord(ORIGIN, ARRIVAL_MS, key, value);
  }

  /** An observation with these features, written as JSON. */
  static RawRecord observation(String features) {
    return record(observationJson(features));
  }

  static String observationJson(String features) {
    return "{\"type\":\"observation\",\"id\":\"f-17\",\"key\":\"LAS\",\"time\":0,\"features\":%s}"
        .formatted(features);
  }
}
