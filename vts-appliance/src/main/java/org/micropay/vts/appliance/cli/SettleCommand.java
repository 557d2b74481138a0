package org.micropay.vts.appliance.cli;

import picocli.CommandLine.Command;

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
final class SettleCommand extends CommandGroup {}
