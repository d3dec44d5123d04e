package dev.sluice.tool.guard;

/** Reads the job's state. */
@FunctionalInterface
public interface JobWatch {

  /** How it is now; may take as long as the JobManager's answer, and never fails for want of it. */
  ObservedJob look() throws InterruptedException;
}
