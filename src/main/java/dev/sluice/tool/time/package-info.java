/** The time that an operation goes by: clocks, pauses, deadlines. Imports nothing. */
@NullMarked
package dev.sluice.tool.time;

import org.jspecify.annotations.NullMarked;
