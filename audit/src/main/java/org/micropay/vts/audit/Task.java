package org.micropay.vts.audit;

import org.micropay.vts.journal.FrameRange;
import org.micropay.vts.secp256k1.Kernel;

/**
 * A range of records on its way: where it lies, a checker with a copy of it, and what was found.
 * Belongs to one thread at a time; handed over under the {@link Auditor}'s lock. Used again and
 * again.
 */
final class Task implements AutoCloseable {
  final FrameRange range = new FrameRange(RangeChecker.FRAMES, RangeChecker.SPAN);
  final RangeResult result = new RangeResult();
  final RangeChecker checker;

  /** Guarded by the auditor's lock. */
  boolean checked;

  Task(Kernel kernel) {
    checker = new RangeChecker(kernel);
  }

  void check() {
    checker.check(range, result);
  }

  @Override
  public void close() {
    checker.close();
  }
}
