package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.appliance.server.FeeWallets;
import org.micropay.vts.appliance.server.JournalBooks;
import org.micropay.vts.appliance.server.WalletChain;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.settlement.Acceptance;
import org.micropay.vts.settlement.ChainException;
import org.micropay.vts.settlement.FeeRate;
import org.micropay.vts.settlement.Utxo;
import org.micropay.vts.settlement.WalletLabels;
import org.micropay.vts.settlement.WalletSweep;
import org.micropay.vts.ticket.Address;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PayoutScript;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vts wallet}: the fee wallet's descriptor, addresses, coins, labels, and its rotation. */
@Command(
    name = "wallet",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "The fee wallet: descriptor, addresses, balance, labels, sweep.")
final class WalletCommand extends CommandGroup {
  private static final int MOST_ADDRESSES = 1_000;

  private final Console console;

  WalletCommand(Console console) {
    this.console = console;
  }

  private static FeeWallets open(ConfigFile file) {
    try {
      return FeeWallets.open(file);
    } catch (IOException e) {
      throw new CommandException(ExitCode.NO_INPUT, "KEY_FILE", e.getMessage());
    }
  }

  private static Network network(ConfigFile file) {
    return Network.ofId(file.config().chain().network());
  }

  private void print(JsonOption json, Map<String, Object> result) {
    if (json.json) {
      console.printJson(result);
    } else {
      result.forEach((name, value) -> console.print("%-12s %s".formatted(name, value)));
    }
  }

  /** Prints the descriptor. */
  @Command(
      name = "descriptor",
      mixinStandardHelpOptions = true,
      description = "Print the output descriptor (BIP 380): public keys only.")
  int descriptor(@Mixin JsonOption json, @Mixin ConfigOption config) {
    try (FeeWallets wallet = open(config.read())) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("descriptor", wallet.descriptor().toString());
      result.put("watch_only", wallet.key() == null);
      result.put("index", wallet.index());
      print(json, result);
    }
    return ExitCode.OK.number();
  }

  /** Prints addresses. */
  @Command(
      name = "addresses",
      mixinStandardHelpOptions = true,
      description = "Print the wallet's addresses; the one in use is marked.")
  int addresses(
      @Mixin JsonOption json,
      @Mixin ConfigOption config,
      @Option(
              names = "--count",
              defaultValue = "1",
              description = "How many, from the one in use on (default: ${DEFAULT-VALUE}).")
          int count) {
    if (count < 1 || count > MOST_ADDRESSES) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--count " + count + " is not within 1.." + MOST_ADDRESSES);
    }
    ConfigFile file = config.read();
    List<Map<String, Object>> lines = new ArrayList<>();
    try (FeeWallets wallet = open(file)) {
      int last = wallet.descriptor().isRanged() ? wallet.index() + count : 1;
      for (int i = wallet.index(); i < last; i++) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("index", i);
        line.put("address", Address.encode(network(file), wallet.descriptor().script(i)));
        line.put("in_use", i == wallet.index());
        lines.add(line);
      }
    }
    if (json.json) {
      console.printJson(lines);
    } else {
      lines.forEach(
          line ->
              console.print(
                  "%-6s %s%s"
                      .formatted(
                          line.get("index"),
                          line.get("address"),
                          line.get("in_use").equals(true) ? "  in use" : "")));
    }
    return ExitCode.OK.number();
  }

  /** Prints what the chain holds for the wallet. */
  @Command(
      name = "balance",
      mixinStandardHelpOptions = true,
      description =
          "Ask the chain for the wallet's confirmed coins; a scan takes minutes on mainnet.")
  int balance(@Mixin JsonOption json, @Mixin ConfigOption config) {
    ConfigFile file = config.read();
    try (FeeWallets wallet = open(file);
        WalletChain chain = chain(file)) {
      List<Utxo> coins =
          chain.chain().scan(wallet.descriptor().script(wallet.index()).toArray()).utxos();
      Map<String, Object> result = new LinkedHashMap<>();
      result.put(
          "address", Address.encode(network(file), wallet.descriptor().script(wallet.index())));
      result.put("coins", coins.size());
      result.put("satoshi", coins.stream().mapToLong(Utxo::value).sum());
      print(json, result);
    } catch (ChainException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "NODE_" + e.kind(), e.getMessage());
    }
    return ExitCode.OK.number();
  }

  private static WalletChain chain(ConfigFile file) {
    try {
      return WalletChain.open(file);
    } catch (IOException e) {
      throw new CommandException(ExitCode.NO_INPUT, "CHAIN_FILE", e.getMessage());
    }
  }

  /** Writes labels. */
  @Command(
      name = "labels",
      mixinStandardHelpOptions = true,
      description = {
        "Write labels for wallet software (BIP 329, JSON lines):",
        "every batch, burn and split with its inputs, outputs and addresses."
      })
  int labels(
      @Mixin JsonOption json,
      @Mixin JournalOption journal,
      @Option(
              names = "--network",
              paramLabel = "NAME",
              description = "Of the addresses, where no configuration is read.")
          String name,
      @Option(names = "--out", paramLabel = "FILE", description = "New file (default: output).")
          Path out) {
    Network network =
        journal.journal == null
            ? network(ConfigFile.read(journal.config))
            : networkNamed(Optional.ofNullable(name).orElse("mainnet"));
    List<String> lines;
    try {
      lines = WalletLabels.of(JournalBooks.journal(journal.places()), network);
    } catch (JournalException e) {
      throw new CommandException(ExitCode.IO, "JOURNAL_" + e.reason(), e.getMessage());
    }
    if (out == null) {
      lines.forEach(console::print);
      return ExitCode.OK.number();
    }
    String text = lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    NewFile.write(out, text.getBytes(StandardCharsets.UTF_8));
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("out", out.toString());
    result.put("labels", lines.size());
    print(json, result);
    return ExitCode.OK.number();
  }

  private static Network networkNamed(String name) {
    try {
      return Network.ofId(name);
    } catch (RuntimeException e) {
      throw new CommandException(ExitCode.USAGE, "USAGE", "--network '" + name + "' is not known");
    }
  }

  /** Moves all coins to another address. */
  @Command(
      name = "sweep",
      mixinStandardHelpOptions = true,
      description = {
        "Move every confirmed coin of the fee wallet to another address: a step of rotation.",
        "Run it with the server stopped and no batch on its way; see docs/OPERATIONS.md."
      })
  int sweep(
      @Mixin JsonOption json,
      @Mixin ConfigOption config,
      @Option(names = "--to", required = true, paramLabel = "ADDRESS", description = "Where to.")
          String to,
      @Option(
              names = "--fee-rate",
              paramLabel = "SAT",
              defaultValue = "5",
              description = "Satoshi per virtual byte (default: ${DEFAULT-VALUE}).")
          int feeRate) {
    ConfigFile file = config.read();
    if (feeRate < 1 || feeRate > 10_000) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--fee-rate " + feeRate + " is not within 1..10000");
    }
    PayoutScript script;
    try {
      script = Address.decode(network(file), to);
    } catch (RuntimeException e) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--to '" + to + "' is no address of " + network(file).id());
    }
    try (FeeWallets wallet = open(file);
        WalletChain chain = chain(file)) {
      if (wallet.key() == null) {
        throw new CommandException(
            ExitCode.USAGE,
            "WATCH_ONLY",
            "the fee wallet is watch-only: its holder moves its coins");
      }
      WalletSweep sweep =
          WalletSweep.of(chain.chain(), wallet.signer(), script, new FeeRate(feeRate * 1_000L));
      if (chain.chain().broadcast(sweep.raw()) instanceof Acceptance.Rejected rejected) {
        throw new CommandException(
            ExitCode.NEGATIVE, rejected.reason().name(), "the chain refuses: " + rejected.text());
      }
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("txid", sweep.txid().toReversedHex());
      result.put("coins", sweep.coins());
      result.put("satoshi", sweep.value());
      result.put("fee", sweep.fee());
      print(json, result);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.NEGATIVE, "NOTHING_TO_SWEEP", e.getMessage());
    } catch (ChainException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "NODE_" + e.kind(), e.getMessage());
    }
    return ExitCode.OK.number();
  }
}
