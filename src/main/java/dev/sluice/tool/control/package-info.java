/**
 * A command for the running job in, its answer out: written to the control topic, looked for in the
 * control log by the command's own origin. Imports {@code event}, {@code codec}, {@code ops} for
 * reading what is committed, Kafka's clients and Jackson.
 */
@NullMarked
package dev.sluice.tool.control;

import org.jspecify.annotations.NullMarked;
