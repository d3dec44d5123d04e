package dev.sluice.flink;

import java.util.concurrent.locks.LockSupport;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** Some other program's job: counts, slowly, and keeps nothing. Runs from a jar of its own. */
public final class ForeignJob {

  private static final long PAUSE_NANOS = 10_000_000;

  private ForeignJob() {}

  /** Argument: the job's name. */
  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    environment
        .fromSequence(0, Long.MAX_VALUE)
        .filter(ForeignJob::slowly)
        .sinkTo(new DiscardingSink<>());
    environment.execute(args[0]);
  }

  private static boolean slowly(long number) {
    LockSupport.parkNanos(PAUSE_NANOS);
    return number >= 0;
  }
}
