/**
 * Reads the files of a deployment (Flink's configuration, the job's, Kubernetes', compose's,
 * systemd's, the broker's), and reports the numbers in them that contradict each other. Changes
 * nothing and queries no service. Imports the YAML parser, and from Flink only how it writes
 * durations.
 */
@NullMarked
package dev.sluice.tool.lint;

import org.jspecify.annotations.NullMarked;
