package dev.sluice.tool.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Prints for a terminal without what others have written for it. Names of jobs, topics and
 * transactions are chosen by anyone who shares the cluster, and messages quote what Flink and Kafka
 * answer: a sequence in it could move the cursor, retitle the window, or show another text than the
 * one that is there. Every control and format character comes out as a question mark, but for line
 * ends, tabs, and the sequences of this tool's own: colours, and the clearing of a line.
 */
final class PlainText extends FilterWriter {

  private static final Pattern OBEYED =
      Pattern.compile(
          "(?<own>\\x{1b}\\[(?:K|[0-9;]{0,8}m))|[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}&&[^\\n\\r\\t]]");

  private PlainText(Writer out) {
    super(out);
  }

  /** One that prints to another. */
  static PrintWriter of(PrintWriter out) {
    return new PrintWriter(new PlainText(out), true);
  }

  @Override
  public void write(int c) throws IOException {
    out.write(plain(String.valueOf((char) c)));
  }

  @Override
  public void write(char[] text, int offset, int length) throws IOException {
    out.write(plain(new String(text, offset, length)));
  }

  @Override
  public void write(String text, int offset, int length) throws IOException {
    out.write(plain(text.substring(offset, offset + length)));
  }

  private static String plain(String text) {
    return OBEYED.matcher(text).replaceAll(found -> found.group(1) == null ? "?" : found.group(1));
  }

  /** JSON with the same text and without such characters: each is escaped, and none is lost. */
  static String escaped(String json) {
    return OBEYED.matcher(json).replaceAll(found -> Matcher.quoteReplacement(units(found.group())));
  }

  /** YAML in which each text is in double quotes, likewise. */
  static String escapedYaml(String yaml) {
    return OBEYED
        .matcher(yaml)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    found
                        .group()
                        .codePoints()
                        .mapToObj(one -> (one > 0xffff ? "\\U%08x" : "\\u%04x").formatted(one))
                        .collect(Collectors.joining())));
  }

  private static String units(String text) {
    StringBuilder escaped = new StringBuilder();
    text.chars().forEach(unit -> escaped.append("\\u%04x".formatted(unit)));
    return escaped.toString();
  }
}
