package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.micropay.vts.appliance.server.FeeKey;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.FeeCoin;
import org.micropay.vts.settlement.FeeRate;
import org.micropay.vts.settlement.MerchantRelease;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vts release}: the merchant's own way out, without the VTS. */
@Command(
    name = "release",
    mixinStandardHelpOptions = true,
    description = {
      "Build the Bitcoin transaction that pays one granted claim, without the VTS.",
      "The escrow's fee allowance is its fee; --fee-coin adds a coin of your own.",
      "The transaction is checked, then printed, written or broadcast through your node."
    })
final class ReleaseCommand implements Callable<Integer> {
  private static final long SAT_PER_KVB = 1_000;

  private static final class FeeInputOptions {
    @Option(
        names = "--fee-coin",
        required = true,
        paramLabel = "TXID:VOUT:SATOSHI",
        description = "A confirmed P2WPKH output of --fee-key; its change returns to that key.")
    private String coin;

    @Option(
        names = "--fee-key",
        required = true,
        paramLabel = "FILE",
        description = "Its key: 32 raw bytes, mode 0600.")
    private Path key;
  }

  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private NodeOption node;

  @Option(
      names = "--receipt",
      required = true,
      paramLabel = "FILE",
      description = "What 'vts claim --json' printed, or the receipt alone; - for standard input.")
  private Path receipt;

  @Option(
      names = "--claim",
      paramLabel = "FILE",
      description = "The claim, when --receipt holds the receipt alone.")
  private Path claim;

  @ArgGroup(exclusive = false)
  private FeeInputOptions feeInput;

  @Option(
      names = "--fee-rate",
      paramLabel = "SAT",
      description = "Satoshi per virtual byte, at least (default: 1).")
  private long feeRate = 1;

  @Option(names = "--out", paramLabel = "FILE", description = "Write the bytes to a new file.")
  private Path out;

  @Option(names = "--broadcast", description = "Send it through the node at --rpc.")
  private boolean broadcast;

  ReleaseCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (feeRate < 1 || feeRate > 100_000) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--fee-rate " + feeRate + " is not within 1..100000 sat/vB");
    }
    GrantFiles grant = GrantFiles.read(receipt, claim);
    MerchantRelease release = build(grant);
    FeeRate wanted = new FeeRate(feeRate * SAT_PER_KVB);
    if (release.rate().compareTo(wanted) < 0) {
      throw new CommandException(
          ExitCode.NEGATIVE,
          "FEE_TOO_LOW",
          "the fee allowance of %d satoshi pays %s for %d vB, wanted are %s; add --fee-coin"
              .formatted(release.fee(), release.rate(), release.vsize(), wanted));
    }
    if (out != null) {
      NewFile.write(out, release.raw());
    }
    String sent = broadcast ? send(grant, release) : null;
    report(grant, release, sent);
    return ExitCode.OK.number();
  }

  private MerchantRelease build(GrantFiles grant) {
    CompactSignature signature = grant.receipt().counterSignature().orElseThrow();
    try {
      if (feeInput == null) {
        return MerchantRelease.of(grant.claim(), signature);
      }
      FeeCoin coin = coin(feeInput.coin);
      try (SecretKey key = SecretKey.fromFile(feeInput.key)) {
        return MerchantRelease.of(
            grant.claim(),
            signature,
            new MerchantRelease.FeeInput(coin, new FeeKey(key)),
            new FeeRate(feeRate * SAT_PER_KVB));
      }
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.NEGATIVE, "NOT_VALID", e.getMessage());
    } catch (IOException e) {
      throw new CommandException(ExitCode.NO_INPUT, "KEY_FILE", e.getMessage());
    }
  }

  private static FeeCoin coin(String text) {
    String[] parts = text.split(":", -1);
    try {
      if (parts.length == 3) {
        Outpoint outpoint =
            new Outpoint(Bytes32.fromReversedHex(parts[0]), Integer.parseUnsignedInt(parts[1]));
        return new FeeCoin(outpoint, Long.parseUnsignedLong(parts[2]));
      }
    } catch (RuntimeException e) {
      // The same answer as for too few parts.
    }
    throw new CommandException(
        ExitCode.USAGE, "USAGE", "--fee-coin '" + text + "' is not TXID:VOUT:SATOSHI");
  }

  private String send(GrantFiles grant, MerchantRelease release) {
    int magic = grant.claim().terms().network();
    Network network =
        Network.ofMagic(magic)
            .orElseThrow(
                () ->
                    new CommandException(
                        ExitCode.DATA,
                        "WRONG_NETWORK",
                        "the claim is of an unknown network, magic %08x".formatted(magic)));
    return node.broadcast(network, release.raw());
  }

  private void report(GrantFiles grant, MerchantRelease release, String sent) {
    String hex = HexFormat.of().formatHex(release.raw());
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("txid", release.txid().toReversedHex());
    result.put("escrow", grant.claim().terms().outpoint().toString());
    result.put("payout", grant.claim().terms().payout());
    result.put("fee", release.fee());
    result.put("change", release.change());
    result.put("vsize", release.vsize());
    result.put("fee_rate", release.rate().toString());
    if (sent != null) {
      result.put("broadcast", sent);
    }
    if (json.json) {
      result.put("hex", hex);
      console.printJson(result);
      return;
    }
    result.forEach((name, value) -> console.note("%-10s %s".formatted(name, value)));
    if (out == null && sent == null) {
      console.print(hex);
    }
  }
}
