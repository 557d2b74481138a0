package org.micropay.vts.settlement;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import fr.acinq.bitcoin.Transaction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.micropay.vts.ticket.Address;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PayoutScript;

/**
 * Labels for wallet software (BIP 329): one JSON object a line for every transaction of
 * settlement's, its inputs, outputs and addresses, from the journal alone. Used once.
 */
public final class WalletLabels {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ORIGIN = "vts";

  private final Network network;
  private final Set<String> lines = new LinkedHashSet<>();

  private WalletLabels(Network network) {
    this.network = network;
  }

  /** The lines, in the order of the journal. */
  public static List<String> of(BookJournal journal, Network network) {
    WalletLabels labels = new WalletLabels(network);
    journal.batches.forEach(labels::batch);
    journal.burns.forEach(labels::burn);
    journal.splitTransactions.forEach(labels::split);
    journal.walletScripts.forEach(
        script -> labels.address(PayoutScript.of(script), ORIGIN + " fee wallet"));
    return new ArrayList<>(labels.lines);
  }

  private void batch(Bytes32 txid, Batch batch) {
    String id = txid.toReversedHex();
    int pairs = batch.pairs().size();
    line(
        "tx",
        id,
        "batch of %d claim%s, fee %d sat".formatted(pairs, pairs == 1 ? "" : "s", batch.fee()));
    for (int i = 0; i < pairs; i++) {
      ReleasePair pair = batch.pairs().get(i);
      line("input", id + ":" + i, "escrow of the claim at record " + pair.position());
      line("output", id + ":" + i, "payout of the claim at record " + pair.position());
      address(pair.payoutScript(), ORIGIN + " merchant");
    }
    for (int i = 0; i < batch.feeCoins().size(); i++) {
      line("input", id + ":" + (pairs + i), "fee coin");
    }
    if (batch.change() > 0) {
      line("output", id + ":" + pairs, "change of the fee wallet");
    }
  }

  private void burn(Bytes32 txid, Burn burn) {
    String id = txid.toReversedHex();
    line("tx", id, "burn of deposit " + burn.pair().outpoint());
    line("input", id + ":0", "penalty deposit");
    line("output", id + ":0", "burnt");
    for (int i = 0; i < burn.feeCoins().size(); i++) {
      line("input", id + ":" + (1 + i), "fee coin");
    }
    if (burn.change() > 0) {
      line("output", id + ":1", "change of the fee wallet");
    }
  }

  private void split(Bytes32 txid, Transaction tx) {
    String id = txid.toReversedHex();
    line("tx", id, "split of a fee coin");
    line("input", id + ":0", "fee coin");
    for (int i = 0; i < tx.txOut.size(); i++) {
      line("output", id + ":" + i, "fee coin");
    }
  }

  private void address(PayoutScript script, String label) {
    add("addr", Address.encode(network, script), label);
  }

  private void line(String type, String ref, String label) {
    add(type, ref, ORIGIN + " " + label);
  }

  private void add(String type, String ref, String label) {
    Map<String, String> line = new LinkedHashMap<>();
    line.put("type", type);
    line.put("ref", ref);
    line.put("label", label);
    try {
      lines.add(JSON.writeValueAsString(line));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a label is not serialisable", e);
    }
  }
}
