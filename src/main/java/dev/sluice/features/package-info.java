/**
 * Features in, sparse vectors out: the champion's own domain by name, everything else hashed,
 * numbers standardised online. Imports {@code event} only.
 */
@NullMarked
package dev.sluice.features;

import org.jspecify.annotations.NullMarked;
