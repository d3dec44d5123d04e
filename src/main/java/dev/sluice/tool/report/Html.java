package dev.sluice.tool.report;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Markup in which every text is escaped. Whatever a receipt says goes through {@link #text}; tags
 * and attributes are this package's own words and numbers.
 *
 * @param markup ready to be put between two tags
 */
record Html(String markup) {

  static final Html NOTHING = new Html("");

  /**
   * A text as it is. Characters that are invisible, or that change the order of what is read, are
   * shown by their number: a command must not resemble another one.
   */
  static Html text(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(c -> append(c, escaped));
    return new Html(escaped.toString());
  }

  /**
   * An element.
   *
   * @param opening the tag's name and attributes, never anything from a receipt
   */
  static Html tag(String opening, Html... inside) {
    StringBuilder markup = new StringBuilder("<").append(opening).append('>');
    for (Html each : inside) {
      markup.append(each.markup);
    }
    int blank = opening.indexOf(' ');
    String name = blank < 0 ? opening : opening.substring(0, blank);
    return new Html(markup.append("</").append(name).append('>').toString());
  }

  /** An element that contains only a text. */
  static Html tag(String opening, String text) {
    return tag(opening, text(text));
  }

  /** One after the other, a line each. */
  static Html all(Collection<Html> parts) {
    return new Html(parts.stream().map(Html::markup).collect(Collectors.joining("\n")));
  }

  static Html all(Html... parts) {
    return all(List.of(parts));
  }

  private static void append(int c, StringBuilder to) {
    switch (c) {
      case '&' -> to.append("&amp;");
      case '<' -> to.append("&lt;");
      case '>' -> to.append("&gt;");
      case '"' -> to.append("&quot;");
      case '\'' -> to.append("&#39;");
      case '\n', '\t' -> to.appendCodePoint(c);
      default -> {
        if (isHidden(c)) {
          to.append(String.format(Locale.ROOT, "\\u%04x", c));
        } else {
          to.appendCodePoint(c);
        }
      }
    }
  }

  private static boolean isHidden(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
