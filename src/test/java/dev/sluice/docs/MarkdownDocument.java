package dev.sluice.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The links of one Markdown file, and the anchors that GitHub gives to its headings. Fenced blocks
 * of code have neither.
 *
 * @param links the targets of links and images, as they are written, in order
 * @param anchors the anchor of each heading, in order
 */
record MarkdownDocument(Path file, List<String> links, List<String> anchors) {

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("#{1,6} +(.*?)(?: +#+)?");
  private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");

  static MarkdownDocument read(Path file) throws IOException {
    List<String> links = new ArrayList<>();
    List<String> anchors = new ArrayList<>();
    Map<String, Integer> seen = new HashMap<>();
    boolean fenced = false;
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith("```")) {
        fenced = !fenced;
      } else if (!fenced) {
        Matcher heading = HEADING.matcher(line);
        if (heading.matches()) {
          String anchor = anchor(heading.group(1));
          int earlier = seen.merge(anchor, 1, Integer::sum) - 1;
          anchors.add(earlier == 0 ? anchor : anchor + "-" + earlier);
        }
        LINK.matcher(line).results().map(link -> link.group(1)).forEach(links::add);
      }
    }
    return new MarkdownDocument(file, links, anchors);
  }

  /** What is wrong with the links to files and headings of this repository. */
  List<String> deadLinks() throws IOException {
    List<String> dead = new ArrayList<>();
    for (String link : links) {
      if (ELSEWHERE.matcher(link).matches()) {
        continue;
      }
      int hash = link.indexOf('#');
      String path = hash < 0 ? link : link.substring(0, hash);
      Path target = path.isEmpty() ? file : file.resolveSibling(path).normalize();
      if (!Files.exists(target)) {
        dead.add("%s: (%s) names a file that does not exist".formatted(file, link));
      } else if (hash >= 0 && !read(target).anchors().contains(link.substring(hash + 1))) {
        dead.add("%s: (%s) names a heading that does not exist".formatted(file, link));
      }
    }
    return dead;
  }

  private static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}_ -]", "").replace(' ', '-');
  }
}
