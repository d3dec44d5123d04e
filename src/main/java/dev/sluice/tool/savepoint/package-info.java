/**
 * Reads what a savepoint or retained checkpoint holds, from its files, in this process, without a
 * cluster: its URI comes in, plain values go out. {@code Snapshot} opens {@code _metadata} alone;
 * files, models and operator state are read when they are asked for. State in RocksDB's format is
 * copied to this machine before it is opened.
 *
 * <p>Flink's formats are not public API: a golden savepoint in the test resources pins them.
 */
@NullMarked
package dev.sluice.tool.savepoint;

import org.jspecify.annotations.NullMarked;
