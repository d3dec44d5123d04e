package dev.sluice.guard;

/**
 * What a guard has done for it when a job is to be stopped.
 *
 * @param stopping stops it
 * @param inFlight whether a stop was begun that nobody has ended
 * @param rehearsal whether a stop would be refused
 */
public record StopWays(Stopping stopping, InFlight inFlight, Rehearsal rehearsal) {}
