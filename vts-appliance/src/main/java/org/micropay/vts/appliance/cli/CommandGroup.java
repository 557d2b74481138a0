package org.micropay.vts.appliance.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that only has commands below it: alone it is a usage error that names them. */
abstract class CommandGroup implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public final void run() {
    throw new ParameterException(
        spec.commandLine(),
        "no command given; one of: " + String.join(", ", spec.subcommands().keySet()));
  }
}
