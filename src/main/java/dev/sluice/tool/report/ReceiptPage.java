package dev.sluice.tool.report;

import dev.sluice.tool.receipt.Receipt;
import dev.sluice.tool.receipt.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A receipt as one self-contained HTML page: no script, no address to load from, and a policy that
 * forbids both. The same receipt gives the same bytes.
 */
final class ReceiptPage {

  /** What every such page holds, near its beginning, and no other file does. */
  static final String MARK = "<meta name=\"generator\" content=\"sluice report 1\">";

  private static final Pattern SLOT = Pattern.compile("\\{\\{([a-z]+)}}");

  private ReceiptPage() {}

  /** As UTF-8. */
  public static byte[] of(Receipt receipt) throws IOException {
    String style = resource("report.css");
    Evidence evidence = new Evidence(receipt);
    Map<String, Html> slots =
        Map.ofEntries(
            Map.entry("mark", new Html(MARK)),
            Map.entry("stylehash", new Html(Base64.getEncoder().encodeToString(Sha256.of(style)))),
            Map.entry("style", new Html(style)),
            Map.entry("name", Html.text(receipt.job().name())),
            Map.entry("lead", lead(receipt)),
            Map.entry("verdict", Headline.of(receipt).html()),
            Map.entry("problems", notes("note bad", "Problems", receipt.problems())),
            Map.entry(
                "warnings", notes("note", "Lost, replayed, or worth knowing", receipt.warnings())),
            Map.entry("next", NextStep.of(receipt)),
            Map.entry("figures", evidence.figures()),
            Map.entry("timeline", Timeline.of(receipt)),
            Map.entry("transactions", evidence.transactions()),
            Map.entry("offsets", evidence.offsets()),
            Map.entry("models", evidence.models()),
            Map.entry("snapshot", evidence.snapshot()),
            Map.entry("resumptions", evidence.resumptions()),
            Map.entry("job", evidence.job()),
            Map.entry("tool", Html.text(receipt.tool())));
    return fill(resource("report.html"), slots).getBytes(StandardCharsets.UTF_8);
  }

  private static Html lead(Receipt receipt) {
    return Html.text(
        "The receipt of a stop, from %s to %s."
            .formatted(Words.time(receipt.startedAt()), Words.time(receipt.endedAt())));
  }

  private static Html notes(String kind, String title, List<String> sentences) {
    return sentences.isEmpty()
        ? Html.NOTHING
        : Html.tag(
            "div class=\"%s\"".formatted(kind),
            Html.tag("h3", title),
            Html.tag(
                "ul", Html.all(sentences.stream().map(each -> Html.tag("li", each)).toList())));
  }

  /** In one pass: a slot in a receipt's text stays that text. */
  private static String fill(String template, Map<String, Html> slots) {
    return SLOT.matcher(template)
        .replaceAll(
            slot -> {
              Html part = slots.get(slot.group(1));
              if (part == null) {
                throw new IllegalStateException(
                    "report.html has a slot (%s) that nothing fills".formatted(slot.group()));
              }
              return Matcher.quoteReplacement(part.markup());
            });
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = ReceiptPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException(name + " is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
