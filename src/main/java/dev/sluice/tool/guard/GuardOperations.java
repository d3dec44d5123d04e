package dev.sluice.tool.guard;

/**
 * What a guard has done for it beside a job.
 *
 * @param stopping stops it
 * @param inFlight finds a stop that was begun and that nobody has ended
 * @param rehearsal whether a stop would be refused
 * @param output how far its output can be read
 */
public record GuardOperations(
    Stopping stopping, InFlight inFlight, Rehearsal rehearsal, OutputLook output) {}
