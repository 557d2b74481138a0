package org.micropay.vts.secp256k1;

/**
 * Chooses the kernel, once at start: the vector kernel where the CPU has the instructions and the
 * self-test against libsecp256k1 passes, otherwise libsecp256k1 itself. Never silently wrong.
 */
public final class Kernels {
  /** The vector kernel where it works, otherwise the scalar one. */
  public static final String AUTO = "auto";

  /** libsecp256k1, one signature after the other. */
  public static final String SCALAR = "scalar";

  /** The project's own kernel, eight signatures at a time. */
  public static final String VECTOR = "vector";

  private Kernels() {}

  /**
   * The kernel by configuration.
   *
   * @param choice {@link #AUTO}, {@link #SCALAR} or {@link #VECTOR}
   * @throws IllegalArgumentException for any other choice
   * @throws IllegalStateException when the vector kernel is demanded and cannot run; says why
   */
  public static Kernel select(String choice) {
    return switch (choice) {
      case SCALAR -> new ScalarKernel("chosen by configuration");
      case AUTO ->
          Probe.OBSTACLE == null
              ? new VectorKernel(Probe.DESCRIPTION)
              : new ScalarKernel(Probe.OBSTACLE);
      case VECTOR -> {
        if (Probe.OBSTACLE != null) {
          throw new IllegalStateException(
              "kernel 'vector' cannot run: " + Probe.OBSTACLE + "; use auto or scalar");
        }
        yield new VectorKernel("chosen by configuration; " + Probe.DESCRIPTION);
      }
      default ->
          throw new IllegalArgumentException(
              "unknown kernel '" + choice + "'; use auto, scalar or vector");
    };
  }

  /** Tried on first use; the answer does not change while the process runs. */
  private static final class Probe {
    /** Why the vector kernel cannot run, or null. */
    static final String OBSTACLE = obstacle();

    static final String DESCRIPTION =
        OBSTACLE == null ? VectorLibrary.name() + ", self-test passed" : OBSTACLE;

    private static String obstacle() {
      try {
        if (!VectorLibrary.isPresent()) {
          return "this build has no vector kernel for " + NativeLibrary.platform();
        }
        if (!VectorLibrary.isSupported()) {
          return "the CPU or the operating system lacks AVX-512 IFMA";
        }
        VectorLibrary.initialize();
      } catch (RuntimeException e) {
        return "the vector kernel does not load: " + e.getMessage();
      }
      String fault = KernelSelfTest.findFault(new VectorBatchVerifier(), VectorBatchSigner::create);
      return fault == null ? null : "the vector kernel failed its self-test: " + fault;
    }
  }
}
