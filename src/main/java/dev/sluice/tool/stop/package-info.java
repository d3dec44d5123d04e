/**
 * Stops a job and proves the stop: a job's name and a policy come in, events and one outcome go
 * out, with a receipt.
 */
@NullMarked
package dev.sluice.tool.stop;

import org.jspecify.annotations.NullMarked;
