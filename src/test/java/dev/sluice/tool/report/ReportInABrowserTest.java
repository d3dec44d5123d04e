package dev.sluice.tool.report;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Media;
import dev.sluice.support.browser.Chromium;
import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.StopResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser. */
class ReportInABrowserTest {

  private static final String ATTACK =
      "<img src=x onerror=\"window.pwned=1\"><script>window.pwned=1</script>";
  private static final String GROUND = "getComputedStyle(document.body).backgroundColor";
  private static final int A4_WIDTH = 794;

  @TempDir static Path folder = Path.of("");

  private static @Nullable Chromium shared;

  @BeforeAll
  static void openTheBrowser() throws IOException {
    shared = Chromium.open(write(ReceiptFixtures.proved()).toUri(), 400, ColorScheme.LIGHT);
  }

  @AfterAll
  static void closeTheBrowser() {
    chromium().close();
  }

  @AfterEach
  void thereIsNothingToComplainOf() {
    assertThat(chromium().complaints()).isEmpty();
  }

  @Test
  void everyOutcomeIsShownInLightAndInDark() throws IOException {
    for (StopResult.Kind outcome :
        Stream.of(StopResult.Kind.values()).filter(StopResult.Kind::isStopped).toList()) {
      open(ReceiptFixtures.of(outcome), Media.SCREEN, ColorScheme.LIGHT);
      assertThat(chromium().page().evaluate(GROUND)).isEqualTo("rgb(244, 246, 248)");
      open(ReceiptFixtures.of(outcome), Media.SCREEN, ColorScheme.DARK);
      assertThat(chromium().page().evaluate(GROUND)).isEqualTo("rgb(16, 22, 28)");
      assertFits(outcome.code());
      chromium().screenshot(Path.of("target", "report-%s.png".formatted(outcome.code())));
      assertThat(chromium().text("#verdict"))
          .isEqualTo(Headline.of(ReceiptFixtures.of(outcome)).title());
      assertThat(chromium().page().locator(".steps .bar").count()).isEqualTo(6);
    }
  }

  @Test
  void whatAReceiptSaysIsShownAsTextOnly() throws IOException {
    open(ReceiptFixtures.saying(ATTACK), Media.SCREEN, ColorScheme.DARK);
    assertThat(chromium().text("h1")).isEqualTo(ATTACK);
    assertThat(chromium().page().title()).startsWith(ATTACK);
    assertThat(chromium().page().locator("img, script").count()).isZero();
    assertThat(chromium().page().evaluate("window.pwned === undefined")).isEqualTo(true);
    assertFits("hostile");
    open(ReceiptFixtures.saying("x".repeat(2_000)), Media.SCREEN, ColorScheme.DARK);
    assertFits("endless");
  }

  @Test
  void itIsPrintedOnA4InDarkModeToo() throws IOException {
    open(ReceiptFixtures.proved(), Media.PRINT, ColorScheme.DARK);
    chromium().page().setViewportSize(A4_WIDTH, 1123);
    assertThat(chromium().page().evaluate(GROUND)).as("paper").isEqualTo("rgb(255, 255, 255)");
    assertThat(chromium().page().evaluate("getComputedStyle(document.body).color"))
        .as("ink")
        .isEqualTo("rgb(23, 33, 43)");
    assertThat(chromium().fitsTheWidth()).isTrue();
    byte[] pdf = chromium().page().pdf(new Page.PdfOptions().setPreferCSSPageSize(true));
    String text = new String(pdf, ISO_8859_1);
    assertThat(text).startsWith("%PDF-").containsPattern("/MediaBox \\[0 0 59[0-9.]+ 84[0-9.]+]");
    assertThat(text.split("/Type /Page\\b", -1).length - 1).as("sheets").isBetween(1, 4);
  }

  private static void assertFits(String name) {
    chromium().page().setViewportSize(400, 900);
    assertThat(chromium().fitsTheWidth()).as(name + " fits a narrow screen").isTrue();
    chromium().page().setViewportSize(1000, 900);
    assertThat(chromium().fitsTheWidth()).as(name + " fits a wide screen").isTrue();
  }

  private static void open(Receipt receipt, Media media, ColorScheme scheme) throws IOException {
    chromium()
        .page()
        .emulateMedia(new Page.EmulateMediaOptions().setMedia(media).setColorScheme(scheme));
    chromium().page().navigate(write(receipt).toUri().toString());
  }

  private static Path write(Receipt receipt) throws IOException {
    return Files.write(folder.resolve("report.html"), ReceiptPage.of(receipt));
  }

  private static Chromium chromium() {
    return Objects.requireNonNull(shared);
  }
}
