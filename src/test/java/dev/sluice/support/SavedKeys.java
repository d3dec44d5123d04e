package dev.sluice.support;

import java.util.Map;
import java.util.Set;

/**
 * What a savepoint holds for its keys.
 *
 * @param states for each key everything that the job remembers of it, in hexadecimal: equal texts
 *     mean equal bits
 * @param held input records that wait unanswered
 */
public record SavedKeys(Map<String, String> states, Set<Place> held) {}
