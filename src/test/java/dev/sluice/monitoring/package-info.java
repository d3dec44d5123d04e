/** Compares deploy/prometheus and deploy/grafana with what the job and the guard publish. */
@NullMarked
package dev.sluice.monitoring;

import org.jspecify.annotations.NullMarked;
