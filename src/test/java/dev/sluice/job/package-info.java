/** Tests of the source of events. */
@NullMarked
package dev.sluice.job;

import org.jspecify.annotations.NullMarked;
