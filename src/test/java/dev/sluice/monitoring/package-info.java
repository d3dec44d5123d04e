/** Holds deploy/prometheus and deploy/grafana to what the job and the guard publish. */
@NullMarked
package dev.sluice.monitoring;

import org.jspecify.annotations.NullMarked;
