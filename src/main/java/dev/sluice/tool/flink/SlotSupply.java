package dev.sluice.tool.flink;

/**
 * The slots of a cluster.
 *
 * @param total of all TaskManagers that are registered
 * @param free of them
 * @param taskManagers that are registered
 * @param onDemand whether the cluster may start more TaskManagers by itself, or run a job with
 *     fewer slots than it asks for
 */
public record SlotSupply(int total, int free, int taskManagers, boolean onDemand) {}
