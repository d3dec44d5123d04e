/**
 * The process that signals reach: it waits beside a job, stops it when it is told to, and shows how
 * that goes. Signals and HTTP requests come in; one stop at a time, callbacks, pages, metrics and
 * an exit code go out. The stop itself is {@code ops.stop}'s.
 */
@NullMarked
package dev.sluice.guard;

import org.jspecify.annotations.NullMarked;
