/**
 * The restore fence: exactly once by origin. Answers come in from the keyed operator and go on to
 * the sink, unless the output holds them already. The logic is in {@code ledger}; here is what
 * Flink and Kafka have to do with it: the operator in every subtask, its coordinator in the
 * JobManager, and the reading of the output topics. Imports {@code event}, {@code codec}, {@code
 * ledger}, {@code state}, and of {@code job} the names in {@code Uids}.
 */
@NullMarked
package dev.sluice.job.fence;

import org.jspecify.annotations.NullMarked;
