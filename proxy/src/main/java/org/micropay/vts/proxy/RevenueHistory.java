package org.micropay.vts.proxy;

import java.util.ArrayList;
import java.util.List;
import org.micropay.vts.merchant.RevenueStatistics;

/**
 * Revenue over time since the proxy started: at most 360 points; when they are full, every second
 * one goes and the distance between points doubles. One event loop.
 */
final class RevenueHistory {
  private static final int MAX_POINTS = 360;

  private final List<Point> points = new ArrayList<>();
  private long spacingMillis = 1_000;

  /**
   * The revenue at a moment.
   *
   * @param timeMillis Unix time
   * @param won millisatoshi of all winners
   * @param expected millisatoshi
   * @param low of the 95% band
   * @param high of it
   */
  record Point(long timeMillis, double won, double expected, double low, double high) {}

  void add(long timeMillis, RevenueStatistics statistics) {
    Point point =
        new Point(
            timeMillis,
            statistics.wonMsat(),
            statistics.expectedMsat(),
            statistics.lowMsat(),
            statistics.highMsat());
    boolean isClose =
        points.size() > 1
            && timeMillis - points.get(points.size() - 2).timeMillis() < spacingMillis;
    if (isClose) {
      points.set(points.size() - 1, point);
    } else {
      points.add(point);
    }
    if (points.size() > MAX_POINTS) {
      List<Point> kept = new ArrayList<>();
      for (int i = 0; i < points.size(); i += 2) {
        kept.add(points.get(i));
      }
      points.clear();
      points.addAll(kept);
      spacingMillis *= 2;
    }
  }

  List<Point> points() {
    return points;
  }
}
