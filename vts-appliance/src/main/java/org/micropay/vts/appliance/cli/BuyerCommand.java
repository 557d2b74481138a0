package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.MerchantStorageException;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.RefundTransaction;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.merchant.WalletEscrow;
import org.micropay.vts.ticket.Address;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.ProtocolException;
import org.micropay.vts.ticket.PublicKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vts buyer}: a buyer's wallet of escrows, for {@code vts pay}. */
@Command(
    name = "buyer",
    mixinStandardHelpOptions = true,
    description = {
      "Keep a buyer's wallet: escrows that 'vts pay' pays from.",
      "Usual order: init, fund, register (on a test chain fund does it all), pay, refund."
    },
    synopsisSubcommandLabel = "COMMAND")
final class BuyerCommand implements Runnable {
  /** Satoshi that an escrow holds beyond its payout, for the release's fee. */
  private static final long FEE_ALLOWANCE = 1_000;

  private static final int DEFAULT_REFUND_BLOCKS = 4_320;
  private static final int MAX_ESCROWS = 500;

  private final Console console;
  @Spec private CommandSpec spec;

  BuyerCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "no command given; one of: " + String.join(", ", spec.subcommands().keySet()));
  }

  @Command(
      name = "init",
      mixinStandardHelpOptions = true,
      description = "Make a wallet for the VTS at --server.")
  int init(@Mixin WalletOption wallet, @Mixin ServerOption server, @Mixin JsonOption json) {
    JsonNode supported = get(server, "/v1/supported");
    Network network = Network.ofId(supported.path("network").asText());
    PublicKey vtsKey = PublicKey.fromHex(supported.path("vtsKey").asText());
    try (BuyerWallet made =
        BuyerWallet.create(wallet.folder, network, URI.create(server.url), vtsKey)) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("wallet", wallet.folder.toString());
      result.put("network", network.id());
      result.put("vts", made.status().vts().toString());
      result.put("vts_key", vtsKey.toHex());
      if (json.json) {
        console.printJson(result);
      } else {
        console.print(
            """
            Made %s for %s with VTS key %s.
            The seed is in seed.key (mode 0600): back it up, it is all that can refund an escrow.
            Next: vts buyer fund -w %s\
            """
                .formatted(wallet.folder, network.id(), vtsKey.toHex(), wallet.folder));
      }
      return ExitCode.OK.number();
    } catch (MerchantStorageException e) {
      throw new CommandException(ExitCode.CANNOT_CREATE, "EXISTS", e.getMessage());
    }
  }

  @Command(
      name = "fund",
      mixinStandardHelpOptions = true,
      description = {
        "Plan escrows. On the embedded test chain they are funded and registered at once;",
        "elsewhere the addresses are printed that the coins go to."
      })
  int fund(
      @Mixin WalletOption wallet,
      @Mixin JsonOption json,
      @Option(
              names = {"-n", "--escrows"},
              paramLabel = "N",
              defaultValue = "1",
              description = "How many (default: ${DEFAULT-VALUE}).")
          int count,
      @Option(
              names = "--payout",
              paramLabel = "SAT",
              defaultValue = "100000",
              description = "A winner gets this (default: ${DEFAULT-VALUE}).")
          long payout,
      @Option(
              names = "--odds",
              paramLabel = "N",
              defaultValue = "20000",
              description = "One ticket in N wins (default: ${DEFAULT-VALUE}).")
          int odds,
      @Option(
              names = "--refund-blocks",
              paramLabel = "N",
              description = "Blocks until the coins can be taken back (default: 4320, 30 days).")
          Integer refundBlocks) {
    if (count < 1 || count > MAX_ESCROWS) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--escrows " + count + " is not within 1.." + MAX_ESCROWS);
    }
    try (BuyerWallet open = wallet.open();
        VtsHttpClient vts = new VtsHttpClient(open.status().vts())) {
      int tip = body(vts.get("/v1/status")).path("chain").path("height").asInt();
      int height = tip + (refundBlocks == null ? DEFAULT_REFUND_BLOCKS : refundBlocks);
      List<WalletEscrow> drafts = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        drafts.add(open.draft(payout + FEE_ALLOWANCE, payout, odds, height));
      }
      boolean funded = new TestChainFunding(vts).fund(open, drafts);
      report(open, drafts, funded, json.json, wallet);
      return ExitCode.OK.number();
    } catch (VtsException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", e.getMessage());
    } catch (ProtocolException e) {
      throw new CommandException(ExitCode.USAGE, e.code().name(), e.getMessage());
    }
  }

  private void report(
      BuyerWallet open,
      List<WalletEscrow> drafts,
      boolean funded,
      boolean asJson,
      WalletOption wallet) {
    List<Map<String, Object>> lines = new ArrayList<>();
    for (WalletEscrow draft : drafts) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("index", draft.index());
      line.put("address", Address.encode(open.status().network(), open.script(draft.index())));
      line.put("satoshi", draft.value());
      line.put("registered", funded);
      lines.add(line);
    }
    if (asJson) {
      console.printJson(Map.of("escrows", lines));
      return;
    }
    if (funded) {
      WalletEscrow first = drafts.getFirst();
      console.print(
          "Funded and registered %d escrow(s) of %,d sat; a ticket is worth %s and wins 1 in %,d."
              .formatted(drafts.size(), first.value(), ticketWorth(first), first.odds()));
      return;
    }
    for (Map<String, Object> line : lines) {
      console.print(
          "escrow %s: pay exactly %s BTC to %s"
              .formatted(
                  line.get("index"), bitcoin((long) line.get("satoshi")), line.get("address")));
    }
    console.print("Then, once confirmed: vts buyer register INDEX TXID:VOUT -w " + wallet.folder);
  }

  private static String ticketWorth(WalletEscrow escrow) {
    return new Price((escrow.payout() * 1000 + escrow.odds() - 1) / escrow.odds()).toString();
  }

  private static String bitcoin(long satoshi) {
    return String.format(Locale.ROOT, "%d.%08d", satoshi / 100_000_000, satoshi % 100_000_000);
  }

  @Command(
      name = "register",
      mixinStandardHelpOptions = true,
      description = "Tell the VTS of a funded escrow, so that tickets on it are good.")
  int register(
      @Mixin WalletOption wallet,
      @Mixin JsonOption json,
      @Parameters(paramLabel = "INDEX", description = "Number of the escrow.") long index,
      @Parameters(
              paramLabel = "TXID:VOUT",
              arity = "0..1",
              description = "Where its coins are; once is enough.")
          String outpoint) {
    try (BuyerWallet open = wallet.open();
        VtsHttpClient vts = new VtsHttpClient(open.status().vts())) {
      if (outpoint != null) {
        open.funded(index, outpoint(outpoint));
      }
      VtsHttpClient.Answer answer = open.register(index, vts);
      boolean done = answer.code() == AnswerCode.REGISTERED;
      if (!done) {
        ExitCode exit = answer.code().retryable() ? ExitCode.TRY_AGAIN : ExitCode.NEGATIVE;
        throw new CommandException(
            exit,
            answer.code().name(),
            "escrow %d is not registered: %s".formatted(index, answer.detail()));
      }
      if (json.json) {
        console.printJson(
            Map.of("index", index, "position", answer.body().path("position").asLong()));
      } else {
        console.print("Escrow " + index + " is registered; 'vts pay' can use it.");
      }
      return ExitCode.OK.number();
    } catch (VtsException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", e.getMessage());
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "USAGE", e.getMessage());
    }
  }

  static Outpoint outpoint(String text) {
    int colon = text.lastIndexOf(':');
    try {
      return new Outpoint(
          Bytes32.fromReversedHex(text.substring(0, Math.max(0, colon))),
          Integer.parseUnsignedInt(text.substring(colon + 1)));
    } catch (RuntimeException e) {
      throw new CommandException(ExitCode.USAGE, "USAGE", "'" + text + "' is not TXID:VOUT");
    }
  }

  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Show the wallet; with --refresh, after asking the VTS.")
  int status(
      @Mixin WalletOption wallet,
      @Mixin JsonOption json,
      @Option(
              names = "--refresh",
              description = "Ask the VTS about escrows whose ticket's outcome is not known.")
          boolean refresh) {
    try (BuyerWallet open = wallet.open()) {
      if (refresh) {
        try (VtsHttpClient vts = new VtsHttpClient(open.status().vts())) {
          open.refresh(vts::escrowFacts, System.currentTimeMillis() / 1000);
        }
      }
      BuyerWallet.Status status = open.status();
      if (json.json) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("network", status.network().id());
        result.put("vts", status.vts().toString());
        result.put("vts_key", status.vtsKey().toHex());
        result.put("spent_today_msat", status.spentToday().msat());
        result.put("escrows", status.escrows());
        console.printJson(result);
      } else {
        show(status);
      }
      return ExitCode.OK.number();
    } catch (VtsException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", e.getMessage());
    }
  }

  private void show(BuyerWallet.Status status) {
    console.print("network      %s".formatted(status.network().id()));
    console.print("VTS          %s, key %s".formatted(status.vts(), status.vtsKey()));
    console.print("spent today  %s".formatted(status.spentToday()));
    if (status.escrows().isEmpty()) {
      console.print("escrows      none; 'vts buyer fund' plans some");
      return;
    }
    console.print("");
    console.print(
        "%6s  %-11s %12s %12s %10s %14s %8s"
            .formatted(
                "escrow", "state", "locked sat", "payout sat", "odds", "a ticket", "tickets"));
    for (WalletEscrow escrow : status.escrows()) {
      console.print(
          "%6d  %-11s %,12d %,12d %10s %14s %,8d"
              .formatted(
                  escrow.index(),
                  escrow.state().name().toLowerCase(Locale.ROOT),
                  escrow.value(),
                  escrow.payout(),
                  "1/" + escrow.odds(),
                  ticketWorth(escrow),
                  escrow.tickets()));
    }
  }

  @Command(
      name = "refund",
      mixinStandardHelpOptions = true,
      description = "Sign the transaction that takes an escrow's coins back.")
  int refund(
      @Mixin WalletOption wallet,
      @Mixin JsonOption json,
      @Parameters(paramLabel = "INDEX", description = "Number of the escrow.") long index,
      @Option(
              names = "--to",
              paramLabel = "ADDRESS",
              required = true,
              description = "Where the coins go.")
          String address,
      @Option(
              names = "--fee-rate",
              paramLabel = "SAT",
              defaultValue = "2",
              description = "Satoshi per virtual byte (default: ${DEFAULT-VALUE}).")
          long feeRate) {
    try (BuyerWallet open = wallet.open()) {
      PayoutScript target = Address.decode(open.status().network(), address);
      RefundTransaction refund = open.refund(index, target, feeRate);
      int height =
          open.status().escrows().stream()
              .filter(e -> e.index() == index)
              .findFirst()
              .orElseThrow()
              .refundHeight();
      String raw = java.util.HexFormat.of().formatHex(refund.transaction());
      if (json.json) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("txid", refund.txid().toReversedHex());
        result.put("lock_height", height);
        result.put("fee", refund.fee());
        result.put("transaction", raw);
        console.printJson(result);
      } else {
        console.print(raw);
        console.note(
            "vts: %s, fee %d sat; a node takes it once block %d is the tip (sendrawtransaction)"
                .formatted(refund.txid().toReversedHex(), refund.fee(), height));
      }
      return ExitCode.OK.number();
    } catch (IllegalStateException | IllegalArgumentException | ProtocolException e) {
      throw new CommandException(ExitCode.USAGE, "USAGE", e.getMessage());
    }
  }

  @Command(
      name = "export",
      mixinStandardHelpOptions = true,
      description = {
        "Hand a free escrow of a test network over to another wallet, such as the demo shop's"
            + " page.",
        "The file holds the escrow's key; this wallet never pays with the escrow again."
      })
  int export(
      @Mixin WalletOption wallet,
      @Parameters(paramLabel = "INDEX", description = "Number of the escrow.") long index,
      @Option(
              names = {"-o", "--out"},
              paramLabel = "FILE",
              required = true,
              description = "A new file, mode 0600.")
          Path out) {
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

  private static JsonNode get(ServerOption server, String path) {
    try (VtsHttpClient vts = server.connect()) {
      return body(vts.get(path));
    } catch (VtsException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", e.getMessage());
    }
  }

  private static JsonNode body(VtsHttpClient.Answer answer) {
    if (answer.status() != 200) {
      throw new CommandException(ExitCode.UNAVAILABLE, answer.code().name(), answer.detail());
    }
    return answer.body();
  }
}
