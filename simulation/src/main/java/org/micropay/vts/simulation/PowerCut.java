package org.micropay.vts.simulation;

/** The machine or the process ended inside a call to the disk; nothing after it happens. */
final class PowerCut extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PowerCut(String where) {
    super("the simulated machine went off at " + where, null, false, false);
  }
}
