package dev.sluice.bench.throughput;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.bench.throughput.Summary.Spread;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ReportTest {

  private static final Map<String, String> MACHINE =
      Map.of(
          "date", "2026-11-30T10:00:00Z",
          "cores", "2",
          "cpu", "a CPU",
          "load", "0.5",
          "commit", "abc",
          "flink", "2.2.1",
          "kafka", "4.2.1",
          "java", "17");

  @Test
  void theMedianOfAnEvenNumberIsBetweenTheMiddleTwo() {
    assertThat(Spread.of(4, 1, 2, 3)).isEqualTo(new Spread(2.5, 1, 4, 4));
    assertThat(Spread.of(9, 1, 2)).isEqualTo(new Spread(2, 1, 9, 3));
    assertThat(Spread.of()).isNull();
  }

  /** A machine that is slower in one round is so for both. */
  @Test
  void ratiosAreOfRunsInTheSameRound() {
    Summary summary =
        new Summary(
            List.of(
                run(Contender.RAW, 1, 100, 7),
                run(Contender.SLUICE, 1, 80, 7),
                run(Contender.SLUICE, 2, 20, 7),
                run(Contender.RAW, 2, 40, 7)));
    assertThat(summary.ratio(Contender.SLUICE, Contender.RAW))
        .isEqualTo(new Spread(0.65, 0.5, 0.8, 2));
  }

  @Test
  void aRefusedRunCountsNowhere() {
    Summary summary =
        new Summary(
            List.of(
                run(Contender.RAW, 1, 100, 7),
                refused(Contender.SLUICE, 1),
                run(Contender.SLUICE, 2, 20, 7)));
    assertThat(summary.of(Contender.SLUICE, Measured.Figures::eventsPerSecond))
        .isEqualTo(new Spread(20, 20, 20, 1));
    assertThat(summary.ratio(Contender.SLUICE, Contender.RAW)).as("no common round").isNull();
  }

  @Test
  void theTableHasARowForEachContenderAndSaysWhatWasRefused() {
    String text =
        report(
                run(Contender.RAW, 1, 100_000, 7),
                run(Contender.SLUICE, 1, 80_000, 7),
                refused(Contender.STREAMS, 1))
            .text();
    assertThat(text)
        .contains(
            "(`raw`) | 100,000 | 100,000–100,000 | 1.00 (1.00–1.00) | 0.80 (0.80–0.80) | 10.0 | 2.0 | 500 MiB |")
        .contains("(`streams`) | refused |")
        .contains("REFUSED streams, round 1: it ended")
        .contains("Answers (ladder) identical, byte for byte: raw, sluice");
  }

  @Test
  void differingAnswersAreReported() {
    assertThat(report(run(Contender.RAW, 1, 1, 7), run(Contender.SLUICE, 1, 1, 8)).text())
        .contains("Answers (ladder) DIFFER between: raw / sluice");
    assertThat(report(run(Contender.RAW, 1, 1, 7), run(Contender.SLUICE_SINGLE, 1, 1, 8)).text())
        .as("each of another kind")
        .doesNotContain("Answers");
  }

  @Test
  void theJsonHasMachineSettingsMediansAndEachRun() {
    JsonNode json = report(run(Contender.RAW, 1, 100, 7), refused(Contender.SLUICE, 1)).json();
    assertThat(json.at("/machine/commit").asText()).isEqualTo("abc");
    assertThat(json.at("/options/keys").asInt()).isEqualTo(1_000);
    assertThat(json.at("/contenders/0/eventsPerSecond/median").asDouble()).isEqualTo(100);
    assertThat(json.at("/contenders/1/eventsPerSecond").isNull()).isTrue();
    assertThat(json.at("/runs/0/cpuMicrosAnEvent").asDouble()).isEqualTo(10);
    assertThat(json.at("/runs/1/refused").asText()).isEqualTo("it ended");
  }

  @Test
  void percentilesAreAgesThatOccurred() {
    long[] micros = LongStream.rangeClosed(1, 1_000).map(i -> i * 1_000).toArray();
    assertThat(Latency.Percentiles.of(micros))
        .isEqualTo(new Latency.Percentiles(500, 990, 999, 1_000));
    assertThat(Latency.Percentiles.of(new long[] {2_500}))
        .isEqualTo(new Latency.Percentiles(2.5, 2.5, 2.5, 1));
  }

  @Test
  void latenciesHaveATableOfTheirOwn() {
    Latency.Percentiles ages = new Latency.Percentiles(12, 80, 1_234, 9);
    Latency found = new Latency(Contender.SLUICE, 12_000, 0.2, ages, ages, null);
    Latency refused = new Latency(Contender.STREAMS, 30_000, 0.7, null, null, "too slow");
    Report report =
        new Report(
            MACHINE,
            BenchOptions.parse(),
            new Summary(List.of(run(Contender.RAW, 1, 1, 7))),
            List.of(found, refused));
    assertThat(report.text())
        .contains("(`sluice`) | 12,000 | 20 % | 12 ms | 80 ms | 1,234 ms | 12 ms |")
        .contains("(`streams`) | 30,000 | 70 % | refused: too slow |");
    assertThat(report.json().at("/latencies/0/readCommittedMs/p99").asDouble()).isEqualTo(80);
    assertThat(report.json().at("/latencies/1/refused").asText()).isEqualTo("too slow");
  }

  @Test
  void theNumberOfAPairIsReadFromItsAnswer() {
    assertThat(AnswerReader.pair("{\"id\":\"e-1204\",\"key\":\"k-1\"}".getBytes(US_ASCII)))
        .isEqualTo(1204);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AnswerReader.pair("{}".getBytes(US_ASCII)))
        .withMessageContaining("{}");
  }

  private static Report report(Measured... runs) {
    return new Report(MACHINE, BenchOptions.parse(), new Summary(List.of(runs)), List.of());
  }

  private static Measured run(Contender contender, int round, double rate, long digest) {
    return new Measured(
        contender, round, 0.5, new Measured.Figures(rate, 10, 2, 5, 500, digest), null);
  }

  private static Measured refused(Contender contender, int round) {
    return new Measured(contender, round, 0.5, null, "it ended");
  }
}
