/**
 * What the tool asks of Flink's REST interface: names and ids come in, records go out. May import
 * the JDK's HTTP client, Jackson, and what reads Flink's configuration.
 */
@NullMarked
package dev.sluice.ops.flink;

import org.jspecify.annotations.NullMarked;
