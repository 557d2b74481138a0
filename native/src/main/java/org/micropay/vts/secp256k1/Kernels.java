package org.micropay.vts.secp256k1;

/** Chooses the kernel, once at start. */
public final class Kernels {
  /** The vector kernel where it works, otherwise the scalar one. */
  public static final String AUTO = "auto";

  /** libsecp256k1, one signature after the other. */
  public static final String SCALAR = "scalar";

  private Kernels() {}

  /**
   * The kernel by configuration.
   *
   * @param choice {@link #AUTO} or {@link #SCALAR}
   * @throws IllegalArgumentException for any other choice
   */
  public static Kernel select(String choice) {
    return switch (choice) {
      case AUTO -> new ScalarKernel("no vector kernel in this build");
      case SCALAR -> new ScalarKernel("chosen by configuration");
      default ->
          throw new IllegalArgumentException("unknown kernel '" + choice + "'; use auto or scalar");
    };
  }
}
