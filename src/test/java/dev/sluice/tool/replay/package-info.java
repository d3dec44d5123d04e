/** Replays, tested alone and with a real broker. */
@NullMarked
package dev.sluice.tool.replay;

import org.jspecify.annotations.NullMarked;
