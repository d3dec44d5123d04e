package dev.sluice.control;

import dev.sluice.event.ControlReply;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answers to the last commands by id, so that a command that is sent again is answered again
 * and not carried out again. The oldest is forgotten first.
 */
public final class Answered {

  /** Commands that are remembered. */
  public static final int MAX = 10_000;

  private final LinkedHashMap<String, ControlReply> byId = new LinkedHashMap<>();

  /** The first answer to this id, null if none is remembered. */
  public @Nullable ControlReply to(@Nullable String id) {
    return id == null ? null : byId.get(id);
  }

  /** Remembers an answer; one without an id can't be. */
  public void remember(ControlReply reply) {
    String id = reply.echo().id();
    if (id != null && byId.putIfAbsent(id, reply) == null && byId.size() > MAX) {
      byId.remove(byId.keySet().iterator().next());
    }
  }

  /** All of them, the oldest first. */
  public List<ControlReply> all() {
    return new ArrayList<>(byId.values());
  }
}
