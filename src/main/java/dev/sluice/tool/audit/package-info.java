/**
 * Checks the ledger law from the topics alone: takes a job's names and bounds, and reports every
 * anomaly, counted and with examples. Reads each topic once, as a stream, and keeps one bitmap a
 * partition. Imports {@code event}, {@code codec}, {@code ledger}, {@code kafka}, {@code
 * ops.broker}, and {@code job} for its settings.
 */
@NullMarked
package dev.sluice.tool.audit;

import org.jspecify.annotations.NullMarked;
