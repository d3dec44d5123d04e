/**
 * Stops a job and proves the stop: a job's name and a policy come in, events and one outcome go
 * out, with a receipt. May import the rooms of {@code ops} beside it and Jackson; no Flink, no
 * HTTP.
 */
@NullMarked
package dev.sluice.ops.stop;

import org.jspecify.annotations.NullMarked;
