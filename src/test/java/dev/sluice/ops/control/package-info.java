/** Commands, sent on a real broker. */
@NullMarked
package dev.sluice.ops.control;

import org.jspecify.annotations.NullMarked;
