/**
 * Lookups at a feature service. Decoded events come in, in order, and leave in the same order: the
 * observations among them with more features, deferred, or malformed, as the settings say for a
 * service that fails.
 */
@NullMarked
package dev.sluice.enrich;

import org.jspecify.annotations.NullMarked;
