package org.micropay.vts.merchant;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.EscrowScript;
import org.micropay.vts.ticket.EscrowWitness;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.Sha256;
import org.micropay.vts.ticket.Terms;

/**
 * The buyer's way out alone (docs/PROTOCOL.md, section 4): one input, one output, lock time at the
 * refund height, signed ALL (BIP 143). A node takes it from the block before that height on.
 *
 * @param transaction in network serialization with its witness (BIP 144)
 * @param txid in internal byte order
 * @param fee satoshi
 * @param virtualSize vbytes
 */
public record RefundTransaction(byte[] transaction, Bytes32 txid, long fee, int virtualSize) {
  private static final int VERSION = 2;
  private static final int SEQUENCE = 0xFFFF_FFFD;
  private static final int SIGHASH_ALL = 1;
  private static final int LONGEST_DER = 73;

  /**
   * Builds and signs.
   *
   * @param key of the terms' buyer
   * @param target where the coins go
   * @param feeRate satoshi per vbyte
   * @throws IllegalArgumentException when what is left would be dust
   */
  public static RefundTransaction sign(
      SecretKey key, Terms terms, PayoutScript target, long feeRate) {
    EscrowScript script = terms.escrowScript();
    int virtualSize = virtualSize(script, target);
    return sign(key, terms, target, Math.multiplyExact(feeRate, (long) virtualSize), virtualSize);
  }

  /** The same with the whole fee in satoshi. */
  static RefundTransaction sign(
      SecretKey key, Terms terms, PayoutScript target, long fee, int virtualSize) {
    EscrowScript script = terms.escrowScript();
    long value = terms.value() - fee;
    if (fee < 0 || value < target.type().dust()) {
      throw new IllegalArgumentException(
          "a fee of %d satoshi leaves %d of %d: dust; lower the fee rate"
              .formatted(fee, value, terms.value()));
    }
    byte[] output = output(value, target);
    byte[] digest = Sha256.twice(preimage(terms, script, output)).toArray();
    CompactSignature signature = CompactSignature.of(Ecdsa.sign(key, digest));
    byte[] witness = EscrowWitness.serialize(EscrowWitness.refund(signature, SIGHASH_ALL, script));
    byte[] bare = serialize(terms, output, new byte[0]);
    return new RefundTransaction(
        serialize(terms, output, witness), Sha256.twice(bare), fee, virtualSize);
  }

  private static int virtualSize(EscrowScript script, PayoutScript target) {
    int bare = 4 + 1 + 41 + 1 + 9 + target.length() + 4;
    int witness = 2 + 1 + 1 + 1 + LONGEST_DER + 1 + script.length();
    return (4 * bare + witness + 3) / 4;
  }

  private static byte[] output(long value, PayoutScript target) {
    return ByteBuffer.allocate(9 + target.length())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(value)
        .put((byte) target.length())
        .put(target.toArray())
        .array();
  }

  private static byte[] preimage(Terms terms, EscrowScript script, byte[] output) {
    byte[] outpoint = terms.outpoint().encode();
    byte[] sequence = le32(SEQUENCE);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(le32(VERSION));
    out.writeBytes(Sha256.twice(outpoint).toArray());
    out.writeBytes(Sha256.twice(sequence).toArray());
    out.writeBytes(outpoint);
    out.write(script.length());
    out.writeBytes(script.toArray());
    out.writeBytes(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(terms.value()).array());
    out.writeBytes(sequence);
    out.writeBytes(Sha256.twice(output).toArray());
    out.writeBytes(le32(terms.refundHeight()));
    out.writeBytes(le32(SIGHASH_ALL));
    return out.toByteArray();
  }

  /** With marker and flag exactly when there is a witness. */
  private static byte[] serialize(Terms terms, byte[] output, byte[] witness) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(le32(VERSION));
    if (witness.length > 0) {
      out.write(0);
      out.write(1);
    }
    out.write(1);
    out.writeBytes(terms.outpoint().encode());
    out.write(0);
    out.writeBytes(le32(SEQUENCE));
    out.write(1);
    out.writeBytes(output);
    out.writeBytes(witness);
    out.writeBytes(le32(terms.refundHeight()));
    return out.toByteArray();
  }

  private static byte[] le32(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }
}
