package dev.sluice.job;

import dev.sluice.support.cluster.JobUnderTest;
import org.junit.jupiter.api.Test;

/**
 * Stops and resumes the job by Flink's own command line under steady load, and kills a TaskManager
 * in between: nothing is lost or doubled, and what is learned is what an uninterrupted job learns.
 */
class StopResumeRocksDbIT {

  @Test
  void everyInputIsAnsweredOnceAndEveryModelIsBitIdentical() throws Exception {
    new StopResume("rocksdb", 8, JobUnderTest::new).check();
  }
}
