package org.micropay.vts.appliance.demo;

/**
 * Tells the waiting person where the demo stands. One thread begins steps, any may advance them.
 */
public interface DemoProgress {
  /** Something that takes a moment; ends with {@link #done}. */
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
   * @param total how many things it handles; 0 when nobody knows
   */
  Step begin(String name, long total);

  /** Shows nothing. */
  static DemoProgress silent() {
    Step step =
        new Step() {
          @Override
          public void advance(long count) {}

          @Override
          public void done(String result) {}
        };
    return (name, total) -> step;
  }
}
