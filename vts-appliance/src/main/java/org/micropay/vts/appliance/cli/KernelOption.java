package org.micropay.vts.appliance.cli;

import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.Kernels;
import picocli.CommandLine.Option;

/** Which kernel a command computes with. */
public final class KernelOption {
  @Option(
      names = "--kernel",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, scalar or vector (default: ${DEFAULT-VALUE}).")
  String name;

  /** The kernel of this name, or the best one that runs here. */
  Kernel select() {
    try {
      return Kernels.select(name);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "USAGE", "--kernel: " + e.getMessage());
    } catch (IllegalStateException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "KERNEL", e.getMessage());
    }
  }
}
