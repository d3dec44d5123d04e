/**
 * A receipt for people: comes in as records, goes out as one HTML page that needs nothing beside
 * itself. May import {@code tool.receipt} only.
 */
@NullMarked
package dev.sluice.tool.report;

import org.jspecify.annotations.NullMarked;
