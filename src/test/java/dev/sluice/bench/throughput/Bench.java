package dev.sluice.bench.throughput;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** The command {@code deploy/local/bench}. */
public final class Bench {

  private static final Path RESULTS = Path.of("target", "bench");

  /** Of the most that a contender answers. */
  private static final double[] LOADS = {0.2, 0.7};

  private Bench() {}

  /** Exit code 0: measured; 1: a run was refused; 2: wrong usage. */
  public static void main(String[] arguments) throws Exception {
    BenchOptions options;
    try {
      options = BenchOptions.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(2);
      return;
    }
    System.exit(run(options) ? 0 : 1);
  }

  private static boolean run(BenchOptions options) throws Exception {
    List<Measured> runs = new ArrayList<>();
    List<Latency> latencies = new ArrayList<>();
    Path work = Files.createDirectories(RESULTS.resolve("runs"));
    try (BenchBroker broker = new BenchBroker(RESULTS.resolve("cluster"))) {
      String events = fill(broker, options);
      ThroughputRun throughput = new ThroughputRun(broker, options, events, work);
      for (int round = 1; round <= options.rounds(); round++) {
        List<Contender> order = new ArrayList<>(options.contenders());
        Collections.rotate(order, 1 - round); // Each is first once, as far as there are rounds.
        for (Contender contender : order) {
          runs.add(printed(throughput.run(contender, round)));
        }
      }
      if (options.latency()) {
        latencies(new LatencyRun(broker, options, work), new Summary(runs), latencies);
      }
    }
    Report report = new Report(Machine.facts(), options, new Summary(runs), latencies);
    System.out.printf("%n%s%n%s%n", report.text(), report.write(RESULTS));
    return runs.stream().allMatch(run -> run.refusal() == null)
        && latencies.stream().allMatch(run -> run.refusal() == null);
  }

  private static void latencies(LatencyRun latency, Summary summary, List<Latency> results)
      throws Exception {
    for (double share : LOADS) {
      for (Contender contender : List.of(Contender.SLUICE, Contender.STREAMS)) {
        Summary.Spread most = summary.of(contender, Measured.Figures::eventsPerSecond);
        if (most == null) {
          System.out.printf("%s has no throughput, so no latency%n", contender.code());
          continue;
        }
        System.out.printf(
            Locale.ROOT,
            "latency of %s at %,.0f events/s%n",
            contender.code(),
            share * most.median());
        results.add(latency.run(contender, most.median(), share));
      }
    }
  }

  private static String fill(BenchBroker broker, BenchOptions options) throws Exception {
    String events = broker.create("bench.events", "input").events();
    long now = System.currentTimeMillis();
    long sent =
        broker.fill(events, new BenchStream(options.stream(), now - options.stream().events()));
    System.out.printf(Locale.ROOT, "%,d events are in the input%n", sent);
    return events;
  }

  private static Measured printed(Measured run) {
    Measured.Figures figures = run.figures();
    if (figures == null) {
      System.out.printf(
          "round %s, %s: refused: %s%n", run.round(), run.contender().code(), run.refusal());
    } else {
      System.out.printf(
          Locale.ROOT,
          "round %s, %s: %,.0f events/s, %.1f µs of CPU an event (broker %.1f), window after %.1f s, load %.1f%n",
          run.round(),
          run.contender().code(),
          figures.eventsPerSecond(),
          figures.cpuMicros(),
          figures.brokerMicros(),
          figures.startSeconds(),
          run.load());
    }
    return run;
  }
}
