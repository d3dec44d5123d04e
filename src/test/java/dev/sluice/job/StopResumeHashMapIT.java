package dev.sluice.job;

import dev.sluice.support.cluster.JobUnderTest;
import org.junit.jupiter.api.Test;

/**
 * What {@link StopResumeRocksDbIT} shows holds for the other state backend too. No JVM for each
 * command here: the stops follow each other faster.
 */
class StopResumeHashMapIT {

  @Test
  void everyInputIsAnsweredOnceAndEveryModelIsBitIdentical() throws Exception {
    new StopResume("hashmap", 5, JobUnderTest::inProcess).check();
  }
}
