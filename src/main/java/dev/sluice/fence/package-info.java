/**
 * The restore fence: exactly once by origin. Answers come in from the keyed operator and leave for
 * the sink, unless the output holds them already. The logic is in {@code ledger}; this package
 * holds the parts that need Flink and Kafka: the operator in every subtask, its coordinator in the
 * JobManager, the reading of the output topics, and the preview of a restore. It knows nothing of
 * {@code job}, so another job can use it as it is.
 */
@NullMarked
package dev.sluice.fence;

import org.jspecify.annotations.NullMarked;
