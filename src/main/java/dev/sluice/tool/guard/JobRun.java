package dev.sluice.tool.guard;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One run of a job. Two clusters whose jobs have fixed ids, and two runs of one such job, have the
 * same id, and not the same start.
 *
 * @param id 32 hexadecimal digits
 * @param startedAt when Flink has it started; null if that is not known
 */
record JobRun(String id, @Nullable Instant startedAt) {}
