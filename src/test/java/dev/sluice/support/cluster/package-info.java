/** A real broker, Flink cluster, job and tool as processes, driven through {@code deploy/local}. */
@NullMarked
package dev.sluice.support.cluster;

import org.jspecify.annotations.NullMarked;
