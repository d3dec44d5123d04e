/** The stable codes of refusals. Uses nothing of the project. */
@NullMarked
package dev.sluice.ops.refusal;

import org.jspecify.annotations.NullMarked;
