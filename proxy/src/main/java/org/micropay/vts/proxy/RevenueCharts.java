package org.micropay.vts.proxy;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.micropay.vts.merchant.RevenueStatistics;
import org.micropay.vts.merchant.WinDistribution;

/** The revenue page's two drawings, as inline SVG. */
final class RevenueCharts {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 240;
  private static final int LEFT = 70;
  private static final int RIGHT = 12;
  private static final int TOP = 14;
  private static final int BOTTOM = 30;
  private static final int MAX_BARS = 120;

  private RevenueCharts() {}

  private static String open(String label) {
    return "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n"
        .formatted(WIDTH, HEIGHT, label);
  }

  private static String n(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String empty(String text) {
    return open(text)
        + "<text class=\"none\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text></svg>"
            .formatted(WIDTH / 2, HEIGHT / 2, text);
  }

  /** Actual revenue against the expected one and its 95% band, over time. */
  static String history(List<RevenueHistory.Point> points) {
    if (points.size() < 2 || points.getLast().expected() == 0) {
      return empty("The curve begins with the first tickets");
    }
    long start = points.getFirst().timeMillis();
    double span = Math.max(1, points.getLast().timeMillis() - start);
    double top = 1;
    for (RevenueHistory.Point point : points) {
      top = Math.max(top, Math.max(point.won(), point.high()));
    }
    StringBuilder svg = new StringBuilder(open("Revenue over time"));
    grid(svg, top);
    StringBuilder band = new StringBuilder();
    StringBuilder back = new StringBuilder();
    StringBuilder expected = new StringBuilder();
    StringBuilder won = new StringBuilder();
    for (RevenueHistory.Point point : points) {
      double x = LEFT + (point.timeMillis() - start) / span * (WIDTH - LEFT - RIGHT);
      band.append(n(x)).append(',').append(n(y(point.high(), top))).append(' ');
      back.insert(0, n(x) + "," + n(y(point.low(), top)) + " ");
      expected.append(n(x)).append(',').append(n(y(point.expected(), top))).append(' ');
      won.append(n(x)).append(',').append(n(y(point.won(), top))).append(' ');
    }
    svg.append("<polygon class=\"band\" points=\"").append(band).append(back).append("\"/>\n");
    svg.append("<polyline class=\"expected\" points=\"").append(expected).append("\"/>\n");
    svg.append("<polyline class=\"won\" points=\"").append(won).append("\"/>\n");
    svg.append(
        "<text x=\"%d\" y=\"%d\">%s ago</text><text x=\"%d\" y=\"%d\" text-anchor=\"end\">now</text>"
            .formatted(LEFT, HEIGHT - 8, duration(span), WIDTH - RIGHT, HEIGHT - 8));
    return svg.append("</svg>").toString();
  }

  private static double y(double value, double top) {
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
  }

  private static void grid(StringBuilder svg, double top) {
    double step = Math.pow(10, Math.floor(Math.log10(top)));
    step = top / step < 2 ? step / 5 : top / step < 5 ? step / 2 : step;
    for (double value = 0; value <= top; value += step) {
      double y = y(value, top);
      svg.append(
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%s\" y2=\"%s\"/>"
              .formatted(LEFT, WIDTH - RIGHT, n(y), n(y)));
      svg.append(
          "<text x=\"%d\" y=\"%s\" text-anchor=\"end\">%s</text>%n"
              .formatted(LEFT - 8, n(y + 4), RevenuePage.satoshi(value)));
    }
  }

  private static String duration(double millis) {
    double seconds = millis / 1000;
    return seconds < 120
        ? "%.0f s".formatted(seconds)
        : seconds < 7_200
            ? "%.0f min".formatted(seconds / 60)
            : seconds < 172_800
                ? "%.0f h".formatted(seconds / 3_600)
                : "%.0f days".formatted(seconds / 86_400);
  }

  /** How many winners so many tickets have, and where this merchant stands. */
  static String distribution(RevenueStatistics s) {
    if (s.tickets() == 0) {
      return empty("The distribution is drawn with the first ticket");
    }
    Map<Integer, Long> byOdds = new HashMap<>();
    s.classes().forEach(line -> byOdds.merge(line.odds(), line.tickets(), Long::sum));
    WinDistribution wins = WinDistribution.of(byOdds);
    long from = Math.max(0, Math.min(s.wins(), (long) (wins.mean() - 4 * wins.deviation())) - 1);
    long to = Math.max(s.wins(), (long) Math.ceil(wins.mean() + 4 * wins.deviation())) + 1;
    long width = Math.max(1, (to - from + MAX_BARS) / MAX_BARS);
    int bars = (int) ((to - from) / width) + 1;
    double[] heights = new double[bars];
    double top = 0;
    for (int i = 0; i < bars; i++) {
      long first = from + i * width;
      heights[i] = wins.atMost(first + width - 1) - wins.atMost(first - 1);
      top = Math.max(top, heights[i]);
    }
    double step = (double) (WIDTH - LEFT - RIGHT) / bars;
    StringBuilder svg = new StringBuilder(open("Distribution of the number of winners"));
    for (int i = 0; i < bars; i++) {
      long first = from + i * width;
      boolean here = s.wins() >= first && s.wins() < first + width;
      boolean inside = first + width - 1 >= s.winsLow() && first <= s.winsHigh();
      double y = y(heights[i], top * 1.12);
      svg.append(
          "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"/>%n"
              .formatted(
                  inside ? "inside" : "outside",
                  n(LEFT + i * step),
                  n(y),
                  n(Math.max(1, step - 1)),
                  n(HEIGHT - BOTTOM - y)));
      if (here) {
        double x = LEFT + (i + 0.5) * step;
        boolean right = x > WIDTH * 0.75;
        svg.append(
            "<line class=\"here\" x1=\"%s\" x2=\"%s\" y1=\"%d\" y2=\"%d\"/>"
                .formatted(n(x), n(x), TOP, HEIGHT - BOTTOM));
        svg.append(
            "<text class=\"here\" x=\"%s\" y=\"%d\" text-anchor=\"%s\">%s won</text>%n"
                .formatted(
                    n(right ? x - 6 : x + 6),
                    TOP + 9,
                    right ? "end" : "start",
                    RevenuePage.whole(s.wins())));
      }
    }
    axis(svg, from, to, width, step, bars);
    return svg.append("</svg>").toString();
  }

  private static void axis(
      StringBuilder svg, long from, long to, long width, double step, int bars) {
    svg.append(
        "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>"
            .formatted(LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM, HEIGHT - BOTTOM));
    int every = Math.max(1, bars / 8);
    for (int i = 0; i < bars; i += every) {
      svg.append(
          "<text x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>%n"
              .formatted(
                  n(LEFT + (i + 0.5) * step), HEIGHT - 10, RevenuePage.whole(from + i * width)));
    }
  }
}
