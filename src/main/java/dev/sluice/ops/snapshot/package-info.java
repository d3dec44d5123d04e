/**
 * The URI of a savepoint or retained checkpoint in, what it holds out: read from its files in this
 * process, with no cluster. {@code Snapshot} opens {@code _metadata} alone; files, models and
 * operator state are read when they are asked for. Imports Flink's runtime for its formats, {@code
 * job} for names, {@code state} for our own formats, {@code model}, {@code ledger}, and {@code
 * ops.receipt} for the totals that a receipt shows; RocksDB for state in its own format, which is
 * copied to this machine before it is opened.
 *
 * <p>Flink's formats are not public API: a golden savepoint in the test resources pins them.
 */
@NullMarked
package dev.sluice.ops.snapshot;

import org.jspecify.annotations.NullMarked;
