/**
 * Programs that do the same work by different means, each in a JVM of its own: {@code
 * dev.sluice.bench.throughput} starts and measures them.
 */
@NullMarked
package dev.sluice.bench.contender;

import org.jspecify.annotations.NullMarked;
