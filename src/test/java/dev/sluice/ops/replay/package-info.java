/** Replays, tested alone and with a real broker. */
@NullMarked
package dev.sluice.ops.replay;

import org.jspecify.annotations.NullMarked;
