package org.micropay.vts.appliance.cli;

import java.nio.file.Path;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.MerchantStorageException;
import picocli.CommandLine.Option;

/** Which buyer's wallet a command works with. */
public final class WalletOption {
  @Option(
      names = {"-w", "--wallet"},
      paramLabel = "DIR",
      defaultValue = "buyer",
      description = "The buyer's wallet (default: ${DEFAULT-VALUE} in this folder).")
  Path folder;

  BuyerWallet open() {
    try {
      return BuyerWallet.open(folder);
    } catch (MerchantStorageException e) {
      String help =
          BuyerWallet.isIn(folder) ? "" : "; name yours with --wallet, or make one: vts buyer init";
      throw new CommandException(ExitCode.NO_INPUT, "NO_WALLET", e.getMessage() + help);
    }
  }
}
