package org.micropay.vts.simulation;

import java.io.IOException;

/** One way to attack a VTS's crash safety, again and again. One thread. */
interface Attack {
  /** Lower case, plural: what one {@link #once} is one of. */
  String name();

  /**
   * Attacks once more.
   *
   * @throws Violation or SimulationFailure when something that must always hold did not
   */
  void once() throws IOException;

  /** What a violation left is not fit to go on with: the next attack begins with a new journal. */
  void startOver();

  /** Words behind {@code vts torture} that repeat all attacks of this kind up to the last one. */
  String replay();
}
