/** The tool's requests to Flink's REST interface: takes names and ids, returns records. */
@NullMarked
package dev.sluice.tool.flink;

import org.jspecify.annotations.NullMarked;
