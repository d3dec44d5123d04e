/** What the tool asks of Flink's REST interface: names and ids come in, records go out. */
@NullMarked
package dev.sluice.tool.flink;

import org.jspecify.annotations.NullMarked;
