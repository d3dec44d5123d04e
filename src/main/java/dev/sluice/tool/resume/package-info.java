/**
 * Resumes a job from a snapshot, or says why not: a receipt or a snapshot and a policy come in, a
 * finding and a running job go out.
 */
@NullMarked
package dev.sluice.tool.resume;

import org.jspecify.annotations.NullMarked;
