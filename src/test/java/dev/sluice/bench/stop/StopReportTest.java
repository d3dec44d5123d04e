package dev.sluice.bench.stop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.support.cluster.JobTopics;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class StopReportTest {

  private static final Map<String, String> MACHINE =
      Map.of("date", "2026-11-30T12:00:00Z", "cores", "2", "load", "0.5");
  private static final TopicPartition ONE = new TopicPartition("predictions", 0);
  private static final TopicPartition TWO = new TopicPartition("predictions", 1);

  @TempDir Path folder;

  @Test
  void aRowHasTheMedianOfItsRunsWithLeastAndMost() {
    StopReport report =
        report(
            trial(Way.DRILL_NATIVE, 1, Map.of(Figure.SILENT, 4.0)),
            trial(Way.DRILL_NATIVE, 2, Map.of(Figure.SILENT, 9.04)),
            trial(Way.DRILL_NATIVE, 3, Map.of(Figure.SILENT, 5.0, Figure.SAVED, 12e6)));
    assertThat(report.text())
        .contains("| 10,000 | sluice drill (native) | 3 |  |  | 5.0 (4.0–9.0) |  | 12 |  |  |  |");
  }

  @Test
  void everyRunIsInTheJson() {
    StopReport report =
        report(
            trial(Way.STREAMS_DIRECTORY, 1, Map.of(Figure.SILENT, 4.5)),
            trial(Way.STREAMS_DIRECTORY, 2, Map.of(Figure.SILENT, 6.5)));
    assertThat(report.json().at("/runs")).hasSize(2);
    assertThat(report.json().at("/runs/1/way").asText()).isEqualTo("streams-directory");
    assertThat(report.json().at("/runs/1/silent").asDouble()).isEqualTo(6.5);
    assertThat(report.json().at("/machine/load").asText()).isEqualTo("0.5");
  }

  @Test
  void plotsAreWholeXmlWithACurveForEachWay() throws Exception {
    StopReport report =
        report(
            trial(
                Way.DRILL_NATIVE,
                1,
                Map.of(Figure.PROVED, 2.0, Figure.SAVED, 3e6, Figure.SILENT, 3.0)),
            trial(Way.FLINK_NATIVE, 1, Map.of(Figure.ENDED, 1.0, Figure.SILENT, 5.0)));
    report.write(folder);
    Document plot =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(
                new InputSource(
                    new StringReader(Files.readString(folder.resolve("stop-time.svg")))));
    assertThat(plot.getElementsByTagName("circle").getLength()).isEqualTo(2);
    assertThat(folder.resolve("stop-silence.svg")).exists();
    assertThat(folder.resolve("stop-size.svg")).exists();
  }

  @Test
  void bothAxesOfAPlotAreLogarithmic() {
    String svg =
        new Plot(
                "t",
                "s",
                List.of(
                    new Plot.Curve(
                        "a < b",
                        List.of(
                            Plot.Point.of(1_000, 1),
                            Plot.Point.of(10_000, 10),
                            Plot.Point.of(100_000, 100)))))
            .svg();
    double[] x = numbers(svg, "cx");
    double[] y = numbers(svg, "cy");
    assertThat(x[1] - x[0]).isCloseTo(x[2] - x[1], within(0.2));
    assertThat(y[0] - y[1]).isCloseTo(y[1] - y[2], within(0.2)).isPositive();
    assertThat(svg).contains("a &lt; b").doesNotContain("a < b");
  }

  private static double[] numbers(String svg, String attribute) {
    return Pattern.compile(" " + attribute + "=\"([0-9.]+)\"")
        .matcher(svg)
        .results()
        .mapToDouble(found -> Double.parseDouble(found.group(1)))
        .toArray();
  }

  @Test
  void theLongestSilenceIsThatOfOnePartition() {
    SilenceReader reader = new SilenceReader("127.0.0.1:1", topics(), 1);
    for (long seconds : new long[] {0, 1, 2, 9}) {
      reader.noteAt(ONE, seconds * 1_000_000_000L);
    }
    for (long seconds : new long[] {0, 5, 6, 9}) {
      reader.noteAt(TWO, seconds * 1_000_000_000L);
    }
    assertThat(reader.longest(1_500_000_000L)).as("2 to 9").isEqualTo(7);
    assertThat(reader.longest(9_000_000_000L)).as("none ended after it").isZero();
  }

  private static JobTopics topics() {
    return JobTopics.named("silence");
  }

  /** As a JVM with the serial collector logs it. */
  @Test
  void theMostHeapIsBeforeACollectionOrAtTheEnd() {
    String end =
        """
        [1.2s][info][gc,heap,exit] Heap
        [1.2s][info][gc,heap,exit]  def new generation   total 116160K, used 1024K [0x00, 0x00)
        [1.2s][info][gc,heap,exit]   eden space 103296K,  47% used [0x00, 0x00, 0x00)
        [1.2s][info][gc,heap,exit]  tenured generation   total 258048K, used 2048K [0x00, 0x00)
        """;
    assertThat(ToolRun.peakHeap(end)).isEqualTo(3 << 20);
    String collected =
        "[0.5s][info][gc] GC(0) Pause Young (Allocation Failure) 100M->9M(370M) 4.2ms\n";
    assertThat(ToolRun.peakHeap(collected + end)).isEqualTo(100 << 20);
    assertThatIllegalArgumentException().isThrownBy(() -> ToolRun.peakHeap(collected));
  }

  private static StopReport report(Trial... trials) {
    return new StopReport(
        MACHINE,
        new StopOptions(List.of(10_000), 3, 1_000, StopOptions.Only.BOTH),
        List.of(trials));
  }

  private static Trial trial(Way way, int round, Map<Figure, Double> figures) {
    return new Trial(way, 10_000, round, 0.5, figures);
  }
}
