/**
 * The process that receives signals: it watches a job, stops it on request, and shows how the stop
 * proceeds. Signals and HTTP requests come in; one stop at a time, callbacks, pages, metrics and an
 * exit code go out. The stop itself is in {@code tool.stop}.
 */
@NullMarked
package dev.sluice.tool.guard;

import org.jspecify.annotations.NullMarked;
