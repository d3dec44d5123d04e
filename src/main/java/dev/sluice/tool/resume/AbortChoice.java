package dev.sluice.tool.resume;

import dev.sluice.tool.broker.LiveTransaction;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which open transactions are to be aborted.
 *
 * @param prefix of the transactional ids
 * @param ids these; empty for all that are old enough
 * @param olderThan those that were begun so long ago; null for no limit
 */
public record AbortChoice(String prefix, Set<String> ids, @Nullable Duration olderThan) {
  public AbortChoice {
    ids = Set.copyOf(ids);
  }

  boolean takes(LiveTransaction one, Instant now) {
    boolean old =
        olderThan == null
            || (one.sinceMs() >= 0
                && !Instant.ofEpochMilli(one.sinceMs()).isAfter(now.minus(olderThan)));
    return old && (ids.isEmpty() || ids.contains(one.transactionalId()));
  }
}
