package org.micropay.vts.pipeline;

/**
 * Port: the pipeline has stopped for good and the process must end with a non-zero status.
 *
 * <p>Called once, by the thread whose stage failed, after every stage was told to stop. Nothing has
 * been answered since the failure and nothing will be.
 */
@FunctionalInterface
public interface HaltPort {
  /**
   * Ends the process.
   *
   * @param stage name of the stage that failed
   * @param cause what it threw
   */
  void halt(String stage, Throwable cause);
}
