package org.micropay.vts.secp256k1;

/** Keeps the memory of a process that holds keys away from files and from other processes. */
public final class ProcessHardening {
  private ProcessHardening() {}

  /**
   * From here on the process leaves no core file (RLIMIT_CORE 0, soft and hard) and is not dumpable
   * (PR_SET_DUMPABLE 0): other processes of the same user can neither trace it nor read its memory.
   * jcmd and profilers of the same user cannot attach any more either; root still can. Call it
   * once, early in a server's start. Cannot be undone by the process as far as the hard limit goes.
   *
   * @throws IllegalStateException when the kernel refuses, naming the call
   */
  public static void forbidCoreDumps() {
    Libc.setLimit(Libc.RLIMIT_CORE, 0);
    Libc.prctl(Libc.PR_SET_DUMPABLE, 0);
    if (!isHardened()) {
      throw new IllegalStateException("the kernel accepted PR_SET_DUMPABLE 0 without effect");
    }
  }

  /** True when {@link #forbidCoreDumps} is in effect. */
  public static boolean isHardened() {
    return Libc.prctl(Libc.PR_GET_DUMPABLE, 0) == 0 && Libc.softLimit(Libc.RLIMIT_CORE) == 0;
  }
}
