/**
 * Stops a job and proves the stop: takes a job's name and a policy, reports events and one outcome,
 * with a receipt.
 */
@NullMarked
package dev.sluice.tool.stop;

import org.jspecify.annotations.NullMarked;
