/**
 * What operators do around the job, from its topics and files alone: score the evaluations, train a
 * champion. Bytes and settings in, plain results out; printing is {@code cli}'s.
 */
@NullMarked
package dev.sluice.ops;

import org.jspecify.annotations.NullMarked;
