/**
 * Resumes a job from a snapshot, or reports why not: takes a receipt or a snapshot and a policy,
 * returns a finding and a running job.
 */
@NullMarked
package dev.sluice.tool.resume;

import org.jspecify.annotations.NullMarked;
