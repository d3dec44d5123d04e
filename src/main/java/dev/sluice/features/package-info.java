/**
 * Turns features into sparse vectors: the champion's own domain by name, everything else hashed,
 * numbers standardised online. Imports {@code event} only.
 */
@NullMarked
package dev.sluice.features;

import org.jspecify.annotations.NullMarked;
