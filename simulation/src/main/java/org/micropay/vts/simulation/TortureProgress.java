package org.micropay.vts.simulation;

/** Tells the waiting person where the torture stands. One thread. */
public interface TortureProgress {
  /** Something that takes a while; ends with {@link #done}. */
  interface Step {
    /** So many more of the total are done. */
    void advance(long count);

    /** The step is over; {@code result} is half a line. */
    void done(String result);
  }

  /**
   * Begins a step.
   *
   * @param name a few words
   * @param total how many things it handles
   */
  Step begin(String name, long total);
}
