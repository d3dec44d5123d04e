/**
 * Sends a command to the running job and waits for its answer: writes it to the control topic, and
 * searches the control log by the command's own origin; and finds the jobs that listen. Imports
 * {@code event}, {@code codec}, {@code broker} for reading what is committed and for the id of a
 * cluster, {@code flink} for the running jobs, Kafka's clients and Jackson.
 */
@NullMarked
package dev.sluice.tool.control;

import org.jspecify.annotations.NullMarked;
