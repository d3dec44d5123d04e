/**
 * What the tests on a real cluster share: seeded traffic, and a checker of the ledger law that
 * knows the data contract but none of the code that fulfils it.
 */
@NullMarked
package dev.sluice.support;

import org.jspecify.annotations.NullMarked;
