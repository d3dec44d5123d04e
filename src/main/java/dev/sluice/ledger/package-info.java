/**
 * Which inputs have been answered: compares sets of origins and returns verdicts. The logic of the
 * restore fence, free of Flink and Kafka: what a snapshot has to note, what a restore has to
 * compare. Imports {@code event} and RoaringBitmap.
 */
@NullMarked
package dev.sluice.ledger;

import org.jspecify.annotations.NullMarked;
