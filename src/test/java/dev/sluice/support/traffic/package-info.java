/** Events to send: seeded, hostile, real flights. */
@NullMarked
package dev.sluice.support.traffic;

import org.jspecify.annotations.NullMarked;
