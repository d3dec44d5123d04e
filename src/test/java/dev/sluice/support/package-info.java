/**
 * What the tests on real processes share: a running broker and Flink cluster as an object, seeded
 * traffic, and a checker of the ledger law that knows the data contract but none of the code that
 * fulfils it.
 */
@NullMarked
package dev.sluice.support;

import org.jspecify.annotations.NullMarked;
