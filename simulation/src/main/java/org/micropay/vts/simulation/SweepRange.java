package org.micropay.vts.simulation;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which points of a sweep over system calls are tried: numbers from 1 on, each a call of the run
 * and a way to fail.
 *
 * @param first point, from 1
 * @param last point, included
 */
public record SweepRange(long first, long last) {
  /** No point. */
  public static final SweepRange NONE = new SweepRange(1, 0);

  /** Every point that there is. */
  public static final SweepRange ALL = new SweepRange(1, Long.MAX_VALUE);

  private static final Pattern RANGE = Pattern.compile("(\\d{1,9})-(\\d{1,9})");

  /**
   * {@code all}, or {@code FROM-TO}.
   *
   * @throws IllegalArgumentException when the text is neither
   */
  public static SweepRange parse(String text) {
    if (text.equals("all")) {
      return ALL;
    }
    Matcher range = RANGE.matcher(text);
    if (!range.matches() || range.group(1).equals("0")) {
      throw new IllegalArgumentException("'" + text + "' is neither 'all' nor like 1-200");
    }
    SweepRange points =
        new SweepRange(Long.parseLong(range.group(1)), Long.parseLong(range.group(2)));
    if (points.isEmpty()) {
      throw new IllegalArgumentException("'" + text + "' ends before it begins");
    }
    return points;
  }

  /** Whether it holds no point at all. */
  public boolean isEmpty() {
    return last < first;
  }

  boolean contains(long point) {
    return first <= point && point <= last;
  }
}
