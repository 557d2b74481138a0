package org.micropay.vts.experiments;

import java.util.Locale;

/** Numbers as people and programs read them. */
final class Figures {
  private Figures() {}

  /** To so many digits behind the point. */
  static double rounded(double value, int digits) {
    double scale = Math.pow(10, digits);
    return Math.round(value * scale) / scale;
  }

  /** Without a needless {@code .0}. */
  static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  /** With commas between thousands, and so many digits behind the point. */
  static String grouped(double value, int digits) {
    return String.format(Locale.ROOT, "%,." + digits + "f", value);
  }
}
