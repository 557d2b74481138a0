package org.micropay.vts.settlement;

import com.fasterxml.jackson.databind.JsonNode;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxOut;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/** The mempool's side of a {@link CoreChain}: what it would take, takes and holds. Any thread. */
final class CoreMempool {
  private static final HexFormat HEX = HexFormat.of();
  private static final byte OP_RETURN = 0x6A;

  private final JsonRpc rpc;

  CoreMempool(JsonRpc rpc) {
    this.rpc = rpc;
  }

  /** See {@link Chain}; so below. */
  Acceptance testAccept(byte[] transaction) {
    JsonNode result;
    try {
      result =
          rpc.call("testmempoolaccept", List.of(HEX.formatHex(transaction)), BigDecimal.ZERO)
              .path(0);
    } catch (RpcException e) {
      return Acceptance.rejected(RejectReason.ofText(e.getMessage()), e.getMessage());
    }
    if (result.path("allowed").asBoolean()) {
      return new Acceptance.Accepted();
    }
    return rejection(
        result.path("reject-reason").asText() + " " + result.path("reject-details").asText());
  }

  Acceptance broadcast(byte[] transaction) {
    String hex = HEX.formatHex(transaction);
    boolean known = testAccept(transaction) instanceof Acceptance.AlreadyKnown;
    try {
      // Also when it is known: the node then announces it to its peers once more.
      rpc.call("sendrawtransaction", hex, BigDecimal.ZERO, burnt(transaction));
      return known ? new Acceptance.AlreadyKnown() : new Acceptance.Accepted();
    } catch (RpcException e) {
      return e.code() == RpcException.ALREADY_IN_UTXO_SET
          ? new Acceptance.AlreadyKnown()
          : rejection(e.getMessage());
    }
  }

  /**
   * Bitcoin in OP_RETURN outputs: by default the node refuses to broadcast any, which protects
   * people from typing errors. What comes here was checked against a deposit's burn. Bytes that are
   * no transaction burn nothing: to refuse them, and to say why, is the node's part.
   */
  private static BigDecimal burnt(byte[] transaction) {
    Transaction tx;
    try {
      tx = Transactions.parse(transaction);
    } catch (IllegalArgumentException e) {
      return BigDecimal.ZERO;
    }
    long satoshi = 0;
    for (TxOut out : tx.txOut) {
      if (out.publicKeyScript.size() > 0 && out.publicKeyScript.get(0) == OP_RETURN) {
        satoshi = Math.addExact(satoshi, Transactions.value(out));
      }
    }
    return BigDecimal.valueOf(satoshi, RpcValues.SATOSHI_DECIMALS);
  }

  private static Acceptance rejection(String text) {
    if (text.contains("txn-already-in-mempool") || text.contains("txn-already-known")) {
      return new Acceptance.AlreadyKnown();
    }
    return Acceptance.rejected(RejectReason.ofText(text), text.strip());
  }

  Map<Outpoint, MempoolSpend> spenders(List<Outpoint> outpoints) {
    List<Map<String, Object>> prevouts = new ArrayList<>();
    for (Outpoint outpoint : outpoints) {
      prevouts.add(
          Map.of(
              "txid",
              outpoint.txid().toReversedHex(),
              "vout",
              Integer.toUnsignedLong(outpoint.vout())));
    }
    Map<Outpoint, MempoolSpend> spends = new HashMap<>();
    if (outpoints.isEmpty()) {
      return spends;
    }
    JsonNode answers = rpc.call("gettxspendingprevout", prevouts);
    Map<String, Optional<byte[]>> transactions = new HashMap<>();
    for (int i = 0; i < outpoints.size(); i++) {
      JsonNode spender = answers.path(i).path("spendingtxid");
      if (spender.isMissingNode()) {
        continue;
      }
      Outpoint outpoint = outpoints.get(i);
      transactions
          .computeIfAbsent(spender.asText(), this::mempoolTransaction)
          .ifPresent(raw -> spends.put(outpoint, mempoolSpend(raw, outpoint)));
    }
    return spends;
  }

  /** Empty when the transaction has left the mempool meanwhile. */
  private Optional<byte[]> mempoolTransaction(String txid) {
    return RpcValues.orEmpty(
        RpcException.INVALID_ADDRESS_OR_KEY,
        () -> Optional.of(HEX.parseHex(rpc.call("getrawtransaction", txid, false).asText())));
  }

  private static MempoolSpend mempoolSpend(byte[] raw, Outpoint outpoint) {
    Transaction tx = Transactions.parse(raw);
    return new MempoolSpend(
        Transactions.txid(tx), raw, Transactions.inputOf(tx, Transactions.outPoint(outpoint)));
  }

  Optional<MempoolEntry> entry(Bytes32 txid) {
    return RpcValues.orEmpty(
            RpcException.INVALID_ADDRESS_OR_KEY,
            () -> Optional.of(rpc.call("getmempoolentry", txid.toReversedHex())))
        .map(
            entry ->
                new MempoolEntry(
                    RpcValues.satoshi(entry.path("fees").path("base")),
                    entry.path("vsize").asInt(),
                    entry.path("descendantcount").asInt(),
                    RpcValues.satoshi(entry.path("fees").path("descendant"))));
  }
}
