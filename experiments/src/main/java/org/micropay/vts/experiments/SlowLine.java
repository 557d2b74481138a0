package org.micropay.vts.experiments;

import java.net.URI;

/** A line to the sample server that is as slow as a reader's at home. One thread. */
sealed interface SlowLine extends AutoCloseable permits DelayLine, NetemLine {
  /** Where clients connect. */
  URI uri();

  /** What delays, and how long; and why nothing better does. */
  String description();

  @Override
  void close();

  /**
   * The kernel's network emulation where it is allowed, otherwise our own delaying proxy.
   *
   * @param plan of a server at the line's other end, where one of its own is needed
   * @param server that runs already
   */
  static SlowLine best(ServerProcess.Plan plan, ServerProcess server) {
    try {
      return NetemLine.open(plan, NetemLine::execute);
    } catch (LoadException e) {
      return DelayLine.before(server.sample(), 1, e.getMessage());
    }
  }
}
