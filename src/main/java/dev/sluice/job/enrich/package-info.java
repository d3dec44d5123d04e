/**
 * Lookups at a feature service. Decoded events come in, in order; they go on in the same order, the
 * observations among them with more features, or postponed, or malformed, as the settings have it
 * for a service that fails. Imports {@code event}, {@code codec}, {@code state}, and of {@code job}
 * the names in {@code Uids}.
 */
@NullMarked
package dev.sluice.job.enrich;

import org.jspecify.annotations.NullMarked;
