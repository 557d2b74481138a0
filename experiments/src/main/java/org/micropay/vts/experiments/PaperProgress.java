package org.micropay.vts.experiments;

/** Tells the waiting person where the experiments stand. One thread. */
public interface PaperProgress {
  /**
   * An experiment begins.
   *
   * @param units that it has, 1 or more
   */
  void begin(String name, int units);

  /** So many more are done. */
  void advance(int units);

  /** It is over; {@code result} is half a line. */
  void done(String result);
}
