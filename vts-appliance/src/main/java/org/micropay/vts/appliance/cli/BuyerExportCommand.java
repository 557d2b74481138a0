package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Callable;
import org.micropay.vts.merchant.BuyerWallet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vts buyer export}: one test escrow with its key, for another wallet. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Hand a free escrow of a test network over to another wallet, such as the demo shop's page.",
      "The file holds the escrow's key; this wallet never pays with the escrow again."
    })
final class BuyerExportCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private WalletOption wallet;

  @Parameters(paramLabel = "INDEX", description = "Number of the escrow.")
  private long index;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE",
      required = true,
      description = "A new file, mode 0600.")
  private Path out;

  BuyerExportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (BuyerWallet open = wallet.open()) {
      Files.createFile(
          out, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try {
        Files.writeString(out, Console.toJson(open.export(index)) + "\n");
      } catch (IllegalStateException | IllegalArgumentException e) {
        Files.delete(out);
        throw e;
      }
      console.print("Escrow %d is in %s; keep that file to yourself.".formatted(index, out));
      return ExitCode.OK.number();
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE, "CANNOT_CREATE", out + " exists or cannot be written");
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "USAGE", e.getMessage());
    }
  }
}
