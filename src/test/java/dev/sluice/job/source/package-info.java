/** Tests of the source of events. */
@NullMarked
package dev.sluice.job.source;

import org.jspecify.annotations.NullMarked;
