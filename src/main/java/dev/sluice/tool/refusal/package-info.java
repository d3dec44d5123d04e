/** The stable codes of refusals. Uses nothing of the project. */
@NullMarked
package dev.sluice.tool.refusal;

import org.jspecify.annotations.NullMarked;
