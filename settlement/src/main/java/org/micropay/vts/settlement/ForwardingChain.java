package org.micropay.vts.settlement;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/** A chain that asks another one; subclasses say where it differs. Does not close the other. */
abstract class ForwardingChain implements Chain {
  private final Chain to;

  ForwardingChain(Chain to) {
    this.to = to;
  }

  @Override
  public ChainStatus status() {
    return to.status();
  }

  @Override
  public Optional<Bytes32> hashAt(int height) {
    return to.hashAt(height);
  }

  @Override
  public Optional<BlockRef> header(Bytes32 hash) {
    return to.header(hash);
  }

  @Override
  public Optional<ChainBlock> block(Bytes32 hash) {
    return to.block(hash);
  }

  @Override
  public UtxoAnswer utxos(List<Outpoint> outpoints) {
    return to.utxos(outpoints);
  }

  @Override
  public ScanAnswer scan(byte[] script) {
    return to.scan(script);
  }

  @Override
  public Acceptance testAccept(byte[] transaction) {
    return to.testAccept(transaction);
  }

  @Override
  public Acceptance broadcast(byte[] transaction) {
    return to.broadcast(transaction);
  }

  @Override
  public TxStatus transactionStatus(Bytes32 txid, int outputs) {
    return to.transactionStatus(txid, outputs);
  }

  @Override
  public Map<Outpoint, MempoolSpend> spendersInMempool(List<Outpoint> outpoints) {
    return to.spendersInMempool(outpoints);
  }

  @Override
  public Optional<MempoolEntry> mempoolEntry(Bytes32 txid) {
    return to.mempoolEntry(txid);
  }

  @Override
  public Optional<FeeRate> estimateFeeRate(int blocks) {
    return to.estimateFeeRate(blocks);
  }

  @Override
  public void onHint(Runnable hint) {
    to.onHint(hint);
  }

  @Override
  public long hintsLost() {
    return to.hintsLost();
  }

  @Override
  public void close() {
    // The other belongs to somebody else.
  }
}
