package org.micropay.vts.experiments;

/** Something that takes load. Any thread. */
public interface LoadTarget {
  /**
   * A session of its own for one connection.
   *
   * @param connection number, 0 upwards
   * @throws LoadException when nobody is there
   */
  LoadSession open(int connection);
}
