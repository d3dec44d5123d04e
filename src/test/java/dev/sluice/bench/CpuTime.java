package dev.sluice.bench;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.Objects;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * CPU time of the measuring thread in an iteration of JMH, and the events in it: other programs on
 * the machine change it less than they change elapsed time.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.EVENTS)
public class CpuTime {

  /** One JVM, warmed up for two seconds and measured for two. */
  static final Options ONE_FORK =
      new OptionsBuilder()
          .forks(1)
          .jvmArgs("-XX:+UseSerialGC", "-Xmx512m")
          .warmupIterations(1)
          .warmupTime(TimeValue.seconds(2))
          .measurementIterations(1)
          .measurementTime(TimeValue.seconds(2))
          .build();

  /** Nanoseconds. */
  public long cpuNanos;

  /** Calls. */
  public long events;

  private long began;

  /** The iteration begins. */
  @Setup(Level.Iteration)
  public void begin() {
    cpuNanos = 0;
    events = 0;
    began = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /** It has ended. */
  @TearDown(Level.Iteration)
  public void end() {
    cpuNanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - began;
  }

  /** Nanoseconds of CPU time a call. */
  @SuppressWarnings("rawtypes") // as JMH declares it
  static double nanosAnEvent(RunResult run) {
    Map<String, Result> counted = run.getSecondaryResults();
    return score(counted, "cpuNanos") / score(counted, "events");
  }

  @SuppressWarnings("rawtypes") // as JMH declares it
  private static double score(Map<String, Result> counted, String name) {
    return Objects.requireNonNull(counted.get(name), name).getScore();
  }
}
