package dev.sluice.guard;

/** Looks at the job. */
@FunctionalInterface
public interface JobWatch {

  /** How it is now; may take as long as the JobManager's answer, and never fails for want of it. */
  JobSight look() throws InterruptedException;
}
