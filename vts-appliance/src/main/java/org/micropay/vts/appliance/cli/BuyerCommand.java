package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.MerchantStorageException;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.merchant.WalletEscrow;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PublicKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vts buyer}: a buyer's wallet of escrows, for {@code vts pay}. */
@Command(
    name = "buyer",
    mixinStandardHelpOptions = true,
    description = {
      "Keep a buyer's wallet: escrows that 'vts pay' pays from.",
      "Usual order: init, fund, register (on a test chain fund does it all), pay, refund."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {BuyerFundCommand.class, BuyerRefundCommand.class, BuyerExportCommand.class})
final class BuyerCommand extends CommandGroup {
  private final Console console;

  BuyerCommand(Console console) {
    this.console = console;
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

  /** What a ticket of this escrow is worth, rounded up. */
  static String ticketWorth(WalletEscrow escrow) {
    return new Price((escrow.payout() * 1000 + escrow.odds() - 1) / escrow.odds()).toString();
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
      throw new CommandException(
          ExitCode.USAGE,
          "USAGE",
          "'" + text + "' is no output; write TXID:VOUT, 64 hex digits and the output's number");
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

  private static JsonNode get(ServerOption server, String path) {
    try (VtsHttpClient vts = server.connect()) {
      return body(vts.get(path));
    } catch (VtsException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", e.getMessage());
    }
  }

  /** The body of an answer that is a success. */
  static JsonNode body(VtsHttpClient.Answer answer) {
    if (answer.status() != 200) {
      throw new CommandException(ExitCode.UNAVAILABLE, answer.code().name(), answer.detail());
    }
    return answer.body();
  }
}
