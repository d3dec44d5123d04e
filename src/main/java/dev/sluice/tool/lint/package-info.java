/**
 * The files of a deployment in (Flink's configuration, the job's, Kubernetes', compose's,
 * systemd's, the broker's), the numbers in them that contradict each other out. Touches nothing,
 * asks nobody. Imports the YAML parser, and from Flink only how it writes durations.
 */
@NullMarked
package dev.sluice.tool.lint;

import org.jspecify.annotations.NullMarked;
