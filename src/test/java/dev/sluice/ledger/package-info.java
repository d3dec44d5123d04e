/**
 * Tests of the restore fence's logic. {@link dev.sluice.ledger.FenceSimulation} is a small model of
 * a job, a broker and a user, in which the real classes are driven through seeded accidents.
 */
@NullMarked
package dev.sluice.ledger;

import org.jspecify.annotations.NullMarked;
