package dev.sluice.support.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The machine's own Chromium with one page open. Used by one thread. */
public final class Chromium implements AutoCloseable {

  private static final List<String> ARGUMENTS =
      List.of(
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync");

  private final Playwright playwright;
  private final Browser browser;
  private final Page page;
  private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());

  private Chromium(Playwright playwright, Browser browser, Page page) {
    this.playwright = playwright;
    this.browser = browser;
    this.page = page;
  }

  /** Opens a page of some width, in light or dark. */
  public static Chromium open(URI address, int width, ColorScheme scheme) {
    Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    try {
      Browser browser =
          playwright
              .chromium()
              .launch(
                  new BrowserType.LaunchOptions()
                      .setExecutablePath(executable())
                      .setArgs(ARGUMENTS));
      Page page =
          browser.newPage(
              new Browser.NewPageOptions().setViewportSize(width, 900).setColorScheme(scheme));
      Chromium chromium = new Chromium(playwright, browser, page);
      page.onConsoleMessage(
          message -> {
            if (message.type().equals("error") || message.type().equals("warning")) {
              chromium.complaints.add(message.text());
            }
          });
      page.onPageError(chromium.complaints::add);
      page.setDefaultTimeout(30_000);
      page.navigate(address.toString());
      return chromium;
    } catch (RuntimeException | AssertionError e) {
      playwright.close();
      throw e;
    }
  }

  private static Path executable() {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(Path.of(folder)::resolve))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError(
                    "there is no Chromium on the PATH: install it, as with 'apt-get install chromium'"));
  }

  /** The page, for what this class has no word for. */
  public Page page() {
    return page;
  }

  /** Waits until an element shows a text. */
  public void await(String selector, String text) {
    page.locator(selector).filter(new Locator.FilterOptions().setHasText(text)).waitFor();
  }

  /** Waits until an element shows a text with this in it. */
  public void await(String selector, Pattern text) {
    page.locator(selector).filter(new Locator.FilterOptions().setHasText(text)).waitFor();
  }

  /** What an element shows. */
  public String text(String selector) {
    return page.locator(selector).innerText();
  }

  /** What the browser complained of: errors of the script, and whatever the page may not do. */
  public List<String> complaints() {
    return List.copyOf(complaints);
  }

  /** Whether the page is no wider than the window. */
  public boolean fitsTheWidth() {
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth").equals(true);
  }

  /** Writes the whole page as a picture. */
  public void screenshot(Path file) {
    page.screenshot(new Page.ScreenshotOptions().setPath(file).setFullPage(true));
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
