/**
 * Writes a savepoint that holds the models of an older one and everything else of the newest. It
 * reads both through {@code tool.savepoint}, which never writes one, and has Flink's own classes
 * write the new one.
 */
@NullMarked
package dev.sluice.tool.savepoint.transplant;

import org.jspecify.annotations.NullMarked;
