/**
 * A receipt for people: comes in as records, goes out as one HTML page that needs nothing beside
 * itself. May import {@code ops.receipt} only.
 */
@NullMarked
package dev.sluice.ops.report;

import org.jspecify.annotations.NullMarked;
