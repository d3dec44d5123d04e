/** The independent judge of the ledger law: reads the topics and counts every answer. */
@NullMarked
package dev.sluice.support.ledger;

import org.jspecify.annotations.NullMarked;
