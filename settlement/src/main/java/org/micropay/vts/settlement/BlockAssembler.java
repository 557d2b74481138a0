package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.BlockHash;
import fr.acinq.bitcoin.BlockHeader;
import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.ByteVector32;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.Script;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxHash;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.ArrayList;
import java.util.List;

/** Builds valid regtest blocks. Pure functions. */
final class BlockAssembler {
  private static final long VERSION = 0x2000_0000L;

  private BlockAssembler() {}

  /** What a block is made of. */
  record Template(
      BlockRef previous,
      long timeSeconds,
      byte[] payTo,
      long fees,
      long extraNonce,
      List<Transaction> transactions) {}

  /** Assembles the block and finds its nonce; on regtest every second one will do. */
  static Block assemble(Template template) {
    List<Transaction> all = new ArrayList<>();
    all.add(coinbase(template, new byte[32]));
    all.addAll(template.transactions());
    all.set(0, coinbase(template, ChainState.witnessCommitment(all, new byte[32])));
    BlockHeader header =
        new BlockHeader(
            VERSION,
            new BlockHash(new ByteVector32(template.previous().hash().toArray())),
            ChainState.merkleRoot(all),
            template.timeSeconds(),
            ChainState.BITS,
            0);
    while (!header.checkProofOfWork()) {
      header = header.setNonce(header.nonce + 1);
    }
    return new Block(header, all);
  }

  private static Transaction coinbase(Template template, byte[] commitment) {
    int height = template.previous().height() + 1;
    byte[] extraNonce = new byte[9];
    extraNonce[0] = 8;
    for (int i = 0; i < 8; i++) {
      extraNonce[1 + i] = (byte) (template.extraNonce() >>> (8 * i));
    }
    ByteVector scriptSig = new ByteVector(heightPush(height)).concat(extraNonce);
    TxIn in =
        new TxIn(
            new OutPoint(new TxHash(ByteVector32.Zeroes), 0xFFFF_FFFFL),
            scriptSig,
            TxIn.SEQUENCE_FINAL,
            new ScriptWitness(List.of(ByteVector32.Zeroes)));
    long reward = Math.addExact(ChainState.subsidy(height), template.fees());
    return new Transaction(
        2,
        List.of(in),
        List.of(
            new TxOut(new Satoshi(reward), template.payTo()),
            new TxOut(new Satoshi(0), ChainState.commitmentScript(commitment))),
        0);
  }

  /** The push of a block's height that begins its coinbase (BIP 34). */
  static byte[] heightPush(int height) {
    if (height >= 1 && height <= 16) {
      return new byte[] {(byte) (0x50 + height)};
    }
    byte[] number = Script.encodeNumber(height).toByteArray();
    byte[] push = new byte[number.length + 1];
    push[0] = (byte) number.length;
    System.arraycopy(number, 0, push, 1, number.length);
    return push;
  }
}
