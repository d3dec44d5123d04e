package dev.sluice.tool.audit;

/**
 * What is known of one input partition.
 *
 * @param from the first offset that is judged
 * @param to where judging ends, exclusive
 * @param end the high watermark, taken after all answers that are read were written
 */
record Span(long from, long to, long end) {}
