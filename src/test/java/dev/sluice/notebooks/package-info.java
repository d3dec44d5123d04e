/** Tests of what {@code notebooks/} holds. */
@NullMarked
package dev.sluice.notebooks;

import org.jspecify.annotations.NullMarked;
