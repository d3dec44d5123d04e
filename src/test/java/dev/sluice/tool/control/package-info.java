/** Commands, sent on a real broker. */
@NullMarked
package dev.sluice.tool.control;

import org.jspecify.annotations.NullMarked;
