package org.micropay.vts.appliance.bench;

/** Tells the waiting person what is being measured. */
@FunctionalInterface
public interface BenchProgress {
  /** A new step begins; one short line. */
  void step(String what);
}
