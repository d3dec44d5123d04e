/**
 * A receipt for people: reads it as records and writes one self-contained HTML page. May import
 * {@code tool.receipt} only.
 */
@NullMarked
package dev.sluice.tool.report;

import org.jspecify.annotations.NullMarked;
