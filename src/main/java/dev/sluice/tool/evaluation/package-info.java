/**
 * Runs a file of events through the job's models without a cluster, and scores what they would have
 * served. Imports neither Flink nor Kafka.
 */
@NullMarked
package dev.sluice.tool.evaluation;

import org.jspecify.annotations.NullMarked;
