package org.micropay.vts.appliance.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code vts settle}: the operator's side of settlement. */
@Command(
    name = "settle",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Look at settlement and steer it.",
    subcommands = {
      SettlePlanCommand.class,
      SettleStatusCommand.class,
      SettleRunCommand.class,
      SettlePauseCommand.class,
      SettleResumeCommand.class,
      SettleFeeCommand.class,
      SettleAccountCommand.class,
      SettlePsbtCommand.class
    })
final class SettleCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "no command given; one of: " + String.join(", ", spec.subcommands().keySet()));
  }
}
