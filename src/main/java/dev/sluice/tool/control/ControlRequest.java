package dev.sluice.tool.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.event.Command.Part;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command as written to the control topic.
 *
 * @param id names it: the job carries out each id once, and answers a second one as the first
 * @param command what to do
 * @param arguments what it needs, in the order in which they are written
 */
public record ControlRequest(String id, String command, Map<String, Object> arguments) {

  private static final ObjectMapper JSON = new ObjectMapper();

  public ControlRequest {
    if (id.isBlank()) {
      throw new IllegalArgumentException("a command needs an id, but this is (%s)".formatted(id));
    }
    arguments = new LinkedHashMap<>(arguments);
  }

  /** What serves a key's predictions. */
  public enum Policy {
    BLEND("blend"),
    CHAMPION("champion"),
    CHALLENGER("challenger"),
    BEST("best");

    private final String code;

    Policy(String code) {
      this.code = code;
    }

    @Override
    public String toString() {
      return code;
    }
  }

  /**
   * A model's file.
   *
   * @param uri where the job reads it
   * @param sha256 of its bytes, hexadecimal
   * @param version what predictions will name as championVersion
   */
  public record Model(String uri, String sha256, int version) {

    public Model {
      if (!sha256.matches("[0-9a-fA-F]{64}")) {
        throw new IllegalArgumentException(
            "a SHA-256 has 64 hexadecimal digits, but this is (%s)".formatted(sha256));
      }
    }
  }

  /**
   * Stops learning or scoring.
   *
   * @param key null for every key
   */
  public static ControlRequest pause(String id, Part part, @Nullable String key) {
    return new ControlRequest(id, "pause", ofKey(Map.of("part", part.code()), key));
  }

  /**
   * Takes learning or scoring up again.
   *
   * @param key null for every key
   */
  public static ControlRequest resume(String id, Part part, @Nullable String key) {
    return new ControlRequest(id, "resume", ofKey(Map.of("part", part.code()), key));
  }

  /**
   * Makes another model the champion.
   *
   * @param reseed whether every challenger starts again from it
   * @param shadow whether it only predicts alongside the champion, to be compared
   */
  public static ControlRequest promote(String id, Model model, boolean reseed, boolean shadow) {
    Map<String, Object> arguments = new LinkedHashMap<>();
    arguments.put("uri", model.uri);
    arguments.put("sha256", model.sha256);
    arguments.put("version", model.version);
    if (reseed) {
      arguments.put("reseed", true);
    }
    if (shadow) {
      arguments.put("shadow", true);
    }
    return new ControlRequest(id, "promote", arguments);
  }

  /** Changes what serves, for every key at once. */
  public static ControlRequest serve(String id, Policy policy) {
    return new ControlRequest(id, "serve", Map.of("policy", policy.toString()));
  }

  /**
   * Makes challengers start again from the champion.
   *
   * @param key null for every key
   */
  public static ControlRequest reset(String id, @Nullable String key) {
    return new ControlRequest(id, "reset", ofKey(Map.of(), key));
  }

  /** Makes the job forget everything about a key. */
  public static ControlRequest forget(String id, String key) {
    return new ControlRequest(id, "forget", Map.of("key", key));
  }

  /** Makes the shadow the champion. */
  public static ControlRequest confirm(String id, int version) {
    return new ControlRequest(id, "confirm", Map.of("version", version));
  }

  /** Forgets the shadow. */
  public static ControlRequest drop(String id, int version) {
    return new ControlRequest(id, "drop", Map.of("version", version));
  }

  private static Map<String, Object> ofKey(Map<String, Object> arguments, @Nullable String key) {
    Map<String, Object> all = new LinkedHashMap<>(arguments);
    if (key != null) {
      all.put("key", key);
    }
    return all;
  }

  /** The record's value: UTF-8 JSON. */
  byte[] bytes() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("id", id);
    all.put("command", command);
    all.putAll(arguments);
    try {
      return JSON.writeValueAsBytes(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts and numbers can always be written", e);
    }
  }
}
