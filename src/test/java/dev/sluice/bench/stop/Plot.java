package dev.sluice.bench.stop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Curves over the number of keys as SVG, both axes logarithmic. Each point is a median, the bar
 * through it goes from the least to the most.
 */
record Plot(String title, String unit, List<Curve> curves) {

  private static final int WIDTH = 860;
  private static final int HEIGHT = 480;
  private static final int LEFT = 70;
  private static final int RIGHT = 300;
  private static final int TOP = 40;
  private static final int BOTTOM = 50;
  private static final int LEGEND = 22;

  /** Distinguished by people who don't see all colours, too (Okabe and Ito). */
  private static final List<String> COLOURS =
      List.of("#0072b2", "#56b4e9", "#d55e00", "#e69f00", "#009e73", "#cc79a7");

  Plot {
    curves = List.copyOf(curves);
  }

  /** One curve; its points ascend. */
  record Curve(String name, List<Point> points) {
    Curve {
      points = List.copyOf(points);
    }
  }

  /** The values for a number of keys. */
  record Point(double keys, double least, double median, double most) {

    static Point of(double keys, double... values) {
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      int middle = sorted.length / 2;
      double median =
          sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
      return new Point(keys, sorted[0], median, sorted[sorted.length - 1]);
    }
  }

  /** From a value to a place, logarithmic. */
  private record Axis(double least, double most, double from, double to) {

    double at(double value) {
      double share = Math.log(value / least) / Math.log(most / least);
      return from + share * (to - from);
    }

    /** 1, 2 and 5 times each power of ten, or the powers alone where these are many. */
    List<Double> ticks() {
      List<Double> ticks = new ArrayList<>();
      double decades = Math.log10(most / least);
      double[] steps = decades > 3 ? new double[] {1} : new double[] {1, 2, 5};
      for (double power = Math.floor(Math.log10(least)); power <= Math.log10(most); power++) {
        for (double step : steps) {
          double tick = step * Math.pow(10, power);
          if (tick > least * 0.999 && tick < most * 1.001) {
            ticks.add(tick);
          }
        }
      }
      return ticks;
    }
  }

  /** The picture. */
  String svg() {
    Axis x = axis(points().stream().mapToDouble(Point::keys), LEFT, WIDTH - RIGHT, 1.0);
    Axis y = axis(all(), HEIGHT - BOTTOM, TOP, 1.3);
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%s\" height=\"%s\" viewBox=\"0 0 %s %s\""
            + " font-family=\"sans-serif\" font-size=\"13\">",
        WIDTH,
        HEIGHT,
        WIDTH,
        HEIGHT);
    add(svg, "<rect width=\"%s\" height=\"%s\" fill=\"#fff\"/>", WIDTH, HEIGHT);
    add(svg, "<text x=\"%s\" y=\"24\" font-size=\"16\">%s</text>", LEFT, escaped(title));
    grid(svg, x, y);
    for (int i = 0; i < curves.size(); i++) {
      curve(svg, curves.get(i), COLOURS.get(i % COLOURS.size()), TOP + LEGEND * i, x, y);
    }
    return svg.append("</svg>\n").toString();
  }

  private List<Point> points() {
    return curves.stream().flatMap(curve -> curve.points().stream()).toList();
  }

  private DoubleStream all() {
    return points().stream().flatMapToDouble(point -> DoubleStream.of(point.least(), point.most()));
  }

  private static Axis axis(DoubleStream values, double from, double to, double margin) {
    double[] all = values.filter(value -> value > 0).toArray();
    if (all.length == 0) {
      throw new IllegalArgumentException("nothing to plot");
    }
    double least = Arrays.stream(all).min().orElseThrow() / margin;
    double most = Arrays.stream(all).max().orElseThrow() * margin;
    return most / least < 1.5
        ? new Axis(least / 2, most * 2, from, to)
        : new Axis(least, most, from, to);
  }

  private void grid(StringBuilder svg, Axis x, Axis y) {
    int bottom = HEIGHT - BOTTOM;
    int right = WIDTH - RIGHT;
    for (double tick : y.ticks()) {
      double at = y.at(tick);
      add(
          svg,
          "<path d=\"M%s %.1fH%s\" stroke=\"#ddd\"/><text x=\"%s\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
          LEFT,
          at,
          right,
          LEFT - 6,
          at + 4,
          number(tick));
    }
    for (double tick : points().stream().mapToDouble(Point::keys).distinct().sorted().toArray()) {
      double at = x.at(tick);
      add(
          svg,
          "<path d=\"M%.1f %sV%s\" stroke=\"#ddd\"/><text x=\"%.1f\" y=\"%s\" text-anchor=\"middle\">%s</text>",
          at,
          TOP,
          bottom,
          at,
          bottom + 18,
          number(tick));
    }
    add(svg, "<path d=\"M%s %sV%sH%s\" stroke=\"#333\" fill=\"none\"/>", LEFT, TOP, bottom, right);
    add(
        svg,
        "<text x=\"%s\" y=\"%s\" text-anchor=\"middle\">keys</text><text x=\"%s\" y=\"%s\" text-anchor=\"end\">%s</text>",
        (LEFT + right) / 2,
        HEIGHT - 10,
        LEFT - 6,
        TOP - 8,
        escaped(unit));
  }

  private static void curve(
      StringBuilder svg, Curve curve, String colour, int legend, Axis x, Axis y) {
    StringBuilder line = new StringBuilder();
    for (Point point : curve.points()) {
      double at = x.at(point.keys());
      line.append(
          String.format(
              Locale.ROOT, "%s%.1f %.1f", line.isEmpty() ? "M" : "L", at, y.at(point.median())));
      add(
          svg,
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/><path d=\"M%.1f %.1fV%.1f\" stroke=\"%s\"/>",
          at,
          y.at(point.median()),
          colour,
          at,
          y.at(point.least()),
          y.at(point.most()),
          colour);
    }
    add(svg, "<path d=\"%s\" stroke=\"%s\" stroke-width=\"2\" fill=\"none\"/>", line, colour);
    int left = WIDTH - RIGHT + 16;
    add(
        svg,
        "<path d=\"M%s %sh18\" stroke=\"%s\" stroke-width=\"3\"/><text x=\"%s\" y=\"%s\">%s</text>",
        left,
        legend,
        colour,
        left + 24,
        legend + 4,
        escaped(curve.name()));
  }

  private static void add(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static String number(double value) {
    return value >= 1
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.2g", value);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
