/**
 * What tests on real processes share. Uses the scripts of {@code deploy/local} and the jars that
 * the build put into {@code target/}. Provides a running broker and Flink cluster as an object,
 * seeded traffic for it, jobs on it, and a checker of the ledger law that knows the data contract
 * but none of the code that fulfils it. Only {@code SavepointModels} knows the job's state.
 */
@NullMarked
package dev.sluice.support;

import org.jspecify.annotations.NullMarked;
