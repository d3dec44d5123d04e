package dev.sluice.tool.flink;

import org.jspecify.annotations.Nullable;

/**
 * What is asked of a stop.
 *
 * @param directory where the savepoint goes; null for the cluster's default
 * @param drain whether the job ends for good
 * @param nativeFormat whether the backend's own format is wanted
 */
public record StopRequest(@Nullable String directory, boolean drain, boolean nativeFormat) {}
