package org.micropay.vts.appliance.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.merchant.WalletEscrow;
import org.micropay.vts.ticket.Address;
import org.micropay.vts.ticket.ProtocolException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vts buyer fund}: plans escrows, and on a test chain funds and registers them. */
@Command(
    name = "fund",
    mixinStandardHelpOptions = true,
    description = {
      "Plan escrows. On the embedded test chain they are funded and registered at once;",
      "elsewhere the addresses are printed that the coins go to."
    })
final class BuyerFundCommand implements Callable<Integer> {
  /** Satoshi that an escrow holds beyond its payout, for the release's fee. */
  private static final long FEE_ALLOWANCE = 1_000;

  private static final int MAX_ESCROWS = 500;

  private final Console console;
  @Mixin private WalletOption wallet;
  @Mixin private JsonOption json;

  @Option(
      names = {"-n", "--escrows"},
      paramLabel = "N",
      defaultValue = "1",
      description = "How many (default: ${DEFAULT-VALUE}).")
  private int count;

  @Option(
      names = "--payout",
      paramLabel = "SAT",
      defaultValue = "100000",
      description = "A winner gets this (default: ${DEFAULT-VALUE}).")
  private long payout;

  @Option(
      names = "--odds",
      paramLabel = "N",
      defaultValue = "20000",
      description = "One ticket in N wins (default: ${DEFAULT-VALUE}).")
  private int odds;

  @Option(
      names = "--refund-blocks",
      paramLabel = "N",
      defaultValue = "4320",
      description =
          "Blocks until the coins can be taken back (default: ${DEFAULT-VALUE}, 30 days).")
  private int refundBlocks;

  BuyerFundCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (count < 1 || count > MAX_ESCROWS) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--escrows " + count + " is not within 1.." + MAX_ESCROWS);
    }
    try (BuyerWallet open = wallet.open();
        VtsHttpClient vts = new VtsHttpClient(open.status().vts())) {
      int tip = BuyerCommand.body(vts.get("/v1/status")).path("chain").path("height").asInt();
      List<WalletEscrow> drafts = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        drafts.add(open.draft(payout + FEE_ALLOWANCE, payout, odds, tip + refundBlocks));
      }
      report(open, drafts, new TestChainFunding(vts).fund(open, drafts));
      return ExitCode.OK.number();
    } catch (VtsException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", e.getMessage());
    } catch (ProtocolException e) {
      throw new CommandException(ExitCode.USAGE, e.code().name(), e.getMessage());
    }
  }

  private void report(BuyerWallet open, List<WalletEscrow> drafts, boolean funded) {
    List<Map<String, Object>> lines = new ArrayList<>();
    for (WalletEscrow draft : drafts) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("index", draft.index());
      line.put("address", Address.encode(open.status().network(), open.script(draft.index())));
      line.put("satoshi", draft.value());
      line.put("registered", funded);
      lines.add(line);
    }
    if (json.json) {
      console.printJson(Map.of("escrows", lines));
      return;
    }
    if (funded) {
      WalletEscrow first = drafts.getFirst();
      console.print(
          "Funded and registered %d escrow(s) of %,d sat; a ticket is worth %s and wins 1 in %,d."
              .formatted(
                  drafts.size(), first.value(), BuyerCommand.ticketWorth(first), first.odds()));
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

  private static String bitcoin(long satoshi) {
    return String.format(Locale.ROOT, "%d.%08d", satoshi / 100_000_000, satoshi % 100_000_000);
  }
}
