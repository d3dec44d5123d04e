/**
 * The command {@code deploy/local/bench --stop}: stops a job and a Kafka Streams application of
 * equal state under equal load, and measures how long stop, proof and silence last.
 */
@NullMarked
package dev.sluice.bench.stop;

import org.jspecify.annotations.NullMarked;
