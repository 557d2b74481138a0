package org.micropay.vts.appliance.cli;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.RefundTransaction;
import org.micropay.vts.merchant.WalletEscrow;
import org.micropay.vts.ticket.Address;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.ProtocolException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vts buyer refund}: takes an escrow's coins back, without the VTS. */
@Command(
    name = "refund",
    mixinStandardHelpOptions = true,
    description = {
      "Sign the transaction that takes an escrow's coins back; print it, or send it with",
      "--broadcast through the node at --rpc once the refund height is reached."
    })
final class BuyerRefundCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private WalletOption wallet;
  @Mixin private JsonOption json;
  @Mixin private NodeOption node;

  @Parameters(paramLabel = "INDEX", description = "Number of the escrow.")
  private long index;

  @Option(
      names = "--to",
      paramLabel = "ADDRESS",
      required = true,
      description = "Where the coins go.")
  private String address;

  @Option(
      names = "--fee-rate",
      paramLabel = "SAT",
      defaultValue = "2",
      description = "Satoshi per virtual byte (default: ${DEFAULT-VALUE}).")
  private long feeRate;

  @Option(names = "--broadcast", description = "Send it through the node at --rpc.")
  private boolean broadcast;

  BuyerRefundCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (BuyerWallet open = wallet.open()) {
      Network network = open.status().network();
      PayoutScript target = Address.decode(network, address);
      RefundTransaction refund = open.refund(index, target, feeRate);
      String sent = broadcast ? node.broadcast(network, refund.transaction()) : null;
      report(refund, height(open), sent);
      return ExitCode.OK.number();
    } catch (IllegalStateException | IllegalArgumentException | ProtocolException e) {
      throw new CommandException(ExitCode.USAGE, "USAGE", e.getMessage());
    }
  }

  private int height(BuyerWallet open) {
    return open.status().escrows().stream()
        .filter(escrow -> escrow.index() == index)
        .mapToInt(WalletEscrow::refundHeight)
        .findFirst()
        .orElseThrow();
  }

  private void report(RefundTransaction refund, int height, String sent) {
    String raw = HexFormat.of().formatHex(refund.transaction());
    if (json.json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("txid", refund.txid().toReversedHex());
      result.put("lock_height", height);
      result.put("fee", refund.fee());
      result.put("transaction", raw);
      if (sent != null) {
        result.put("broadcast", sent);
      }
      console.printJson(result);
      return;
    }
    if (sent == null) {
      console.print(raw);
    }
    console.note(
        "vts: %s, fee %d sat; %s"
            .formatted(
                refund.txid().toReversedHex(),
                refund.fee(),
                sent == null
                    ? "a node takes it once block %d is the tip (sendrawtransaction)"
                        .formatted(height)
                    : sent + " by the node"));
  }
}
