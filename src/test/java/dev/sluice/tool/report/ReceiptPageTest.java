package dev.sluice.tool.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.StopResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReceiptPageTest {

  private static final Pattern BAR =
      Pattern.compile("class=\"time\" x=\"([0-9.]+)%\" width=\"([0-9.]+)%\"");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PROVED|good|Stopped, and proved|code 0|exactly where it stopped|#resume",
        "ESCALATED|care|without a savepoint|code 3|from its last checkpoint|#exit-3",
        "UNPROVED|bad|the proof failed|code 5| --heal|#exit-5",
        "FAILED_WHILE_STOPPING|bad|the job failed while|code 6|(15 min)|#exit-6"
      })
  void eachOutcomeHasItsVerdictAndItsWayOn(
      StopResult.Kind outcome, String tone, String title, String code, String way, String chapter)
      throws IOException {
    String page = page(ReceiptFixtures.of(outcome));
    assertThat(page)
        .contains("data-tone=\"%s\"".formatted(tone), title, "Exit " + code, way, chapter)
        .contains(ReceiptFixtures.RESUME, "flink run -d -s " + ReceiptFixtures.SAVEPOINT);
  }

  @Test
  void everyFigureOfAReceiptIsShown() throws IOException {
    Receipt receipt =
        ReceiptFixtures.proved()
            .with(
                new Receipt.Resumption(
                    ReceiptFixtures.NOON,
                    "fedc".repeat(8),
                    4,
                    2_345L,
                    678,
                    Receipt.Resumption.State.RUNS));
    assertThat(page(receipt))
        .contains("flights-0-41", "flights-1-41", "2 of 2", "all readable")
        .contains("sluice.events/0", "123,456", "sluice.events/1", "120,001")
        .contains("229", "5.5 MB", "512,345", "498,765", "13,580")
        .contains("73.4 MB", "ab".repeat(32), "40,112", "canonical")
        .contains("fedc".repeat(8), "2,345", "678", "it is not waiting")
        .contains("broker-1:9092,broker-2:9092", "execution.checkpointing.interval");
  }

  @Test
  void aTransactionThatIsNotCommittedStandsOut() throws IOException {
    String page = page(ReceiptFixtures.of(StopResult.Kind.UNPROVED));
    assertThat(page)
        .contains("1 of 2", "data-tone=\"bad\">aborted<", "data-tone=\"good\">committed<")
        .contains("see the problems", "transaction flights-1-41 of the savepoint is aborted");
  }

  @Test
  void whatAProofCouldNotLookAtIsInItsVerdict() throws IOException {
    String clause = "that no answer is doubled: the brokers were not asked";
    assertThat(page(ReceiptFixtures.proved().notProving(List.of(clause))))
        .contains("data-tone=\"care\"", "Stopped, and proved in part", "Not proved: " + clause)
        .doesNotContain("nothing was lost");
  }

  @Test
  void aProofThatHasNotEndedIsNoVerdict() throws IOException {
    assertThat(page(ReceiptFixtures.of(StopResult.Kind.UNPROVED).ofUnfinishedProof()))
        .contains("the proof has not come to its end", "complete the proof with sluice verify")
        .doesNotContain("class=\"command\"", "Exit code 5", "the proof failed");
  }

  @Test
  void whereNothingWasKeptNoCommandIsGiven() throws IOException {
    assertThat(page(ReceiptFixtures.nothingKept()))
        .contains("Nothing was kept", "An earlier receipt", "<dd>nothing</dd>")
        .doesNotContain("class=\"command\"");
    assertThat(page(ReceiptFixtures.drained()))
        .contains("Ended for good", "Nothing: the job was drained")
        .doesNotContain("class=\"command\"");
  }

  @Test
  void whatAReceiptSaysIsTextOnly() throws IOException {
    String attack = "</style></code><img src=x onerror=alert(1)>\"'&amp;{{job}}$1\\";
    String page = page(ReceiptFixtures.saying(attack));
    assertThat(page).doesNotContain("<img", "</style></code>", "onerror=alert(1)>\"");
    String escaped =
        "&lt;/style&gt;&lt;/code&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;amp;{{job}}$1\\";
    assertThat(page.split(Pattern.quote(escaped), -1)).hasSizeGreaterThan(25);
  }

  @Test
  void whatNobodyWouldSeeIsShownByItsNumber() throws IOException {
    assertThat(page(ReceiptFixtures.saying("sluice\u202e emuser\u0000\u200b\u001b[2K\ud800")))
        .contains("sluice\\u202e emuser\\u0000\\u200b\\u001b[2K\\ud800")
        .doesNotContain("\u202e", "\u0000", "\u200b", "\u001b");
  }

  @Test
  void theSameReceiptGivesTheSameBytesEverywhere() throws IOException {
    byte[] here = ReceiptPage.of(ReceiptFixtures.proved());
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertThat(ReceiptPage.of(ReceiptFixtures.proved())).isEqualTo(here);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void barsFollowTheStepsTimes() throws IOException {
    List<double[]> bars = bars(ReceiptFixtures.proved());
    assertThat(bars).hasSize(6);
    assertThat(bars.get(0)).containsExactly(0, 33.72); // 2,900 of 8,600 ms
    assertThat(bars.get(2)).containsExactly(36.05, 45.81);
    assertThat(bars.get(3)[1]).as("a step of no time can be seen").isEqualTo(0.4);
    assertThat(bars.get(5)[0] + bars.get(5)[1]).isEqualTo(100);
  }

  @Test
  void noTimesHoweverOddBreakThePage() throws IOException {
    List<Receipt.StepLine> odd =
        List.of(
            new Receipt.StepLine("a", Instant.MIN, Long.MAX_VALUE, "ok", ""),
            new Receipt.StepLine("b", Instant.MAX, -5, "failed", ""),
            new Receipt.StepLine("c", ReceiptFixtures.NOON, Long.MIN_VALUE, "?", ""));
    assertThat(bars(ReceiptFixtures.withSteps(odd)))
        .hasSize(3)
        .allSatisfy(bar -> assertThat(bar[0] + bar[1]).isBetween(0.0, 100.01));
    assertThat(page(ReceiptFixtures.withSteps(List.of()))).contains("lists no steps");
  }

  @Test
  void aStopThatWasGoneOnWithSaysWhenItBegan() throws IOException {
    Receipt.StepLine late = ReceiptFixtures.line("preflight", 3_600_000, 10, "ok", "continues");
    assertThat(page(ReceiptFixtures.withSteps(List.of(late))))
        .contains("The stop was begun at 2026-11-22 12:00:00 UTC; these");
    assertThat(page(ReceiptFixtures.proved())).doesNotContain("was begun at");
  }

  @Test
  void theScaleHasFewRoundTicks() {
    assertThat(Timeline.tick(1)).isEqualTo(1);
    assertThat(Timeline.tick(8_600)).isEqualTo(2_000);
    assertThat(Timeline.tick(5_000)).isEqualTo(1_000);
    assertThat(Timeline.tick(5_001)).isEqualTo(2_000);
    assertThat(Timeline.tick(26_000)).isEqualTo(10_000);
  }

  @Test
  void timesAndSizesAreWrittenShort() {
    assertThat(List.of(0.4, 999.4, 1_000.0, 9_940.0, 34_400.0, 125_000.0, 12_000_000.0))
        .map(Words::duration)
        .containsExactly("0 ms", "999 ms", "1.0 s", "9.9 s", "34 s", "2 min 5 s", "3 h 20 min");
    assertThat(List.of(0L, 999L, 1_000L, 73_400_320L, 999_999L, Long.MAX_VALUE))
        .map(Words::size)
        .containsExactly("0 B", "999 B", "1.0 kB", "73.4 MB", "1.0 MB", "9223 PB");
  }

  @Test
  void thePageWearsTheColoursOfTheGuardsPage() throws IOException {
    assertThat(colours("/dev/sluice/tool/report/report.css"))
        .containsAll(colours("/dev/sluice/tool/guard/status.css"));
  }

  private static Set<String> colours(String resource) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ReceiptPageTest.class.getResourceAsStream(resource))) {
      String style = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      Set<String> found =
          Pattern.compile("--[a-z-]+: #[0-9a-f]{6};")
              .matcher(style)
              .results()
              .map(MatchResult::group)
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(found).hasSizeGreaterThan(20);
      return found;
    }
  }

  private static List<double[]> bars(Receipt receipt) throws IOException {
    return BAR.matcher(page(receipt))
        .results()
        .map(
            bar ->
                new double[] {Double.parseDouble(bar.group(1)), Double.parseDouble(bar.group(2))})
        .toList();
  }

  private static String page(Receipt receipt) throws IOException {
    return new String(ReceiptPage.of(receipt), StandardCharsets.UTF_8);
  }
}
