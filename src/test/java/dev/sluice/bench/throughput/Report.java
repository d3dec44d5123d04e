package dev.sluice.bench.throughput;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What was measured, as a table in Markdown and as JSON. */
record Report(
    Map<String, String> machine, BenchOptions options, Summary summary, List<Latency> latencies) {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final Contender BASE = Contender.SLUICE;

  /** The table, the machine above it, what does not count below it. */
  String text() {
    StringBuilder text = new StringBuilder();
    BenchOptions.Stream stream = options.stream();
    text.append(
        line(
            "%s; %s cores (%s), load %s at the end; commit %s; Flink %s, Kafka %s, Java %s",
            machine.get("date"),
            machine.get("cores"),
            machine.get("cpu"),
            machine.get("load"),
            machine.get("commit"),
            machine.get("flink"),
            machine.get("kafka"),
            machine.get("java")));
    text.append(
        line(
            "%,d events, %,d keys %s, features %s, %s rounds, heap %s MiB and native %s MiB each",
            stream.events(),
            stream.keys(),
            lower(stream.skew()),
            lower(stream.features()),
            options.rounds(),
            options.memory().heapMib(),
            options.memory().nativeMib()));
    text.append(
        "\n| contender | events/s | least–most | as a multiple of `raw` | `sluice` is × | CPU µs an event"
            + " | broker's CPU µs | memory, most |\n|---|---:|---:|---:|---:|---:|---:|---:|\n");
    for (Contender contender : summary.contenders()) {
      text.append(row(contender));
    }
    text.append('\n').append(answers());
    for (Measured run : summary.runs()) {
      if (run.refusal() != null) {
        text.append(
            line("REFUSED %s, round %s: %s", run.contender().code(), run.round(), run.refusal()));
      }
    }
    if (!latencies.isEmpty()) {
      text.append(latency());
    }
    return text.toString();
  }

  private String latency() {
    StringBuilder text =
        new StringBuilder(
            "\n| contender | events/s sent | of its most | until visible, read_uncommitted: p50 | p99 | p99.9"
                + " | read_committed: p50 | p99 | p99.9 |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    for (Latency one : latencies) {
      String figures =
          one.refusal() == null
              ? millis(one.uncommitted()) + " | " + millis(one.committed())
              : "refused: " + one.refusal();
      text.append(
          line(
              "| %s (`%s`) | %,.0f | %.0f %% | %s |",
              one.contender().title(),
              one.contender().code(),
              one.perSecond(),
              one.share() * 100,
              figures));
    }
    return text.toString();
  }

  private static String millis(Latency.@Nullable Percentiles ages) {
    return ages == null
        ? ""
        : String.format(
            Locale.ROOT, "%,.0f ms | %,.0f ms | %,.0f ms", ages.p50(), ages.p99(), ages.p999());
  }

  private String row(Contender contender) {
    Summary.Spread rate = summary.of(contender, Measured.Figures::eventsPerSecond);
    if (rate == null) {
      return line("| %s (`%s`) | refused | | | | | | |", contender.title(), contender.code());
    }
    return line(
        "| %s (`%s`) | %,.0f | %,.0f–%,.0f | %s | %s | %s | %s | %s MiB |",
        contender.title(),
        contender.code(),
        rate.median(),
        rate.least(),
        rate.most(),
        multiple(summary.ratio(contender, Contender.RAW)),
        multiple(summary.ratio(BASE, contender)),
        tenths(summary.of(contender, Measured.Figures::cpuMicros)),
        tenths(summary.of(contender, Measured.Figures::brokerMicros)),
        whole(summary.of(contender, Measured.Figures::peakMib)));
  }

  /** Of kinds that more than one contender gave. */
  private String answers() {
    StringBuilder text = new StringBuilder();
    summary
        .answers()
        .forEach(
            (kind, byDigest) -> {
              if (byDigest.values().stream().flatMap(List::stream).distinct().count() > 1
                  || byDigest.size() > 1) {
                text.append(
                    line(
                        byDigest.size() == 1
                            ? "Answers (%s) identical, byte for byte: %s"
                            : "Answers (%s) DIFFER between: %s",
                        lower(kind),
                        byDigest.values().stream()
                            .map(Report::codes)
                            .collect(Collectors.joining(" / "))));
              }
            });
    return text.toString();
  }

  private static String codes(List<Contender> contenders) {
    return contenders.stream().map(Contender::code).collect(Collectors.joining(", "));
  }

  private static String multiple(Summary.@Nullable Spread ratio) {
    return ratio == null
        ? "–"
        : "%.2f (%.2f–%.2f)".formatted(ratio.median(), ratio.least(), ratio.most());
  }

  private static String tenths(Summary.@Nullable Spread spread) {
    return spread == null ? "–" : String.format(Locale.ROOT, "%.1f", spread.median());
  }

  private static String whole(Summary.@Nullable Spread spread) {
    return spread == null ? "–" : String.format(Locale.ROOT, "%,.0f", spread.median());
  }

  private static String line(String format, @Nullable Object... values) {
    return String.format(Locale.ROOT, format, values) + "\n";
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** Everything, each run too. */
  ObjectNode json() {
    ObjectNode all = JSON.createObjectNode();
    ObjectNode where = all.putObject("machine");
    machine.forEach(where::put);
    ObjectNode what = all.putObject("options");
    what.put("events", options.stream().events());
    what.put("keys", options.stream().keys());
    what.put("skew", lower(options.stream().skew()));
    what.put("features", lower(options.stream().features()));
    what.put("rounds", options.rounds());
    what.put("heapMib", options.memory().heapMib());
    what.put("nativeMib", options.memory().nativeMib());
    ArrayNode contenders = all.putArray("contenders");
    for (Contender contender : summary.contenders()) {
      ObjectNode one = contenders.addObject();
      one.put("contender", contender.code());
      one.put("title", contender.title());
      put(one, "eventsPerSecond", summary.of(contender, Measured.Figures::eventsPerSecond));
      put(one, "cpuMicrosAnEvent", summary.of(contender, Measured.Figures::cpuMicros));
      put(one, "brokerCpuMicrosAnEvent", summary.of(contender, Measured.Figures::brokerMicros));
      put(one, "peakMib", summary.of(contender, Measured.Figures::peakMib));
      put(one, "multipleOfRaw", summary.ratio(contender, Contender.RAW));
      put(one, "sluiceIsMultiple", summary.ratio(BASE, contender));
    }
    ArrayNode runs = all.putArray("runs");
    summary.runs().forEach(run -> put(runs.addObject(), run));
    ArrayNode ages = all.putArray("latencies");
    latencies.forEach(one -> put(ages.addObject(), one));
    return all;
  }

  private static void put(ObjectNode node, Latency one) {
    node.put("contender", one.contender().code());
    node.put("eventsPerSecond", one.perSecond());
    node.put("shareOfMost", one.share());
    if (one.refusal() != null) {
      node.put("refused", one.refusal());
    }
    put(node, "readUncommittedMs", one.uncommitted());
    put(node, "readCommittedMs", one.committed());
  }

  private static void put(ObjectNode node, String name, Latency.@Nullable Percentiles ages) {
    if (ages == null) {
      node.putNull(name);
      return;
    }
    ObjectNode value = node.putObject(name);
    value.put("p50", ages.p50());
    value.put("p99", ages.p99());
    value.put("p999", ages.p999());
    value.put("answers", ages.answers());
  }

  private static void put(ObjectNode node, String name, Summary.@Nullable Spread spread) {
    if (spread == null) {
      node.putNull(name);
      return;
    }
    ObjectNode value = node.putObject(name);
    value.put("median", spread.median());
    value.put("least", spread.least());
    value.put("most", spread.most());
    value.put("runs", spread.count());
  }

  private static void put(ObjectNode node, Measured run) {
    node.put("contender", run.contender().code());
    node.put("round", run.round());
    node.put("load", run.load());
    Measured.Figures figures = run.figures();
    if (figures == null) {
      node.put("refused", run.refusal());
      return;
    }
    node.put("eventsPerSecond", figures.eventsPerSecond());
    node.put("cpuMicrosAnEvent", figures.cpuMicros());
    node.put("brokerCpuMicrosAnEvent", figures.brokerMicros());
    node.put("secondsToTheWindow", figures.startSeconds());
    node.put("peakMib", figures.peakMib());
    node.put("answers", Long.toHexString(figures.digest()));
  }

  /** Writes the JSON into a folder, under a name of the time; returns the file. */
  Path write(Path folder) throws IOException {
    String name = "bench-" + String.valueOf(machine.get("date")).replace(":", "") + ".json";
    Path file = Files.createDirectories(folder).resolve(name);
    JSON.writeValue(file.toFile(), json());
    return file;
  }
}
