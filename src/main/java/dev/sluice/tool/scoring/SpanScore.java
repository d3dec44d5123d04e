package dev.sluice.tool.scoring;

import java.time.Instant;
import java.util.Map;

/**
 * A span of time.
 *
 * @param from when it begins
 * @param scores by model
 */
public record SpanScore(Instant from, Map<String, Score> scores) {}
