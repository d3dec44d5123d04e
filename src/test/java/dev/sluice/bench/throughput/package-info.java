/**
 * The command {@code deploy/local/bench}: runs the programs of {@code dev.sluice.bench.contender}
 * in turns on one broker and one input, and reports how many events a second each answered.
 */
@NullMarked
package dev.sluice.bench.throughput;

import org.jspecify.annotations.NullMarked;
