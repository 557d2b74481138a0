package org.micropay.vts.ticket;

import java.util.List;

/**
 * The two witnesses that spend an {@link EscrowScript}, as stack items and serialized (BIP 144): u8
 * count, then u8 length and bytes of each, the script last. Any thread.
 */
public final class EscrowWitness {
  private EscrowWitness() {}

  /**
   * Buyer and VTS together: {@code <vtsSig> <buyerSig> <script>}, both DER with 0x83. The buyer's
   * signature is the upper one because the script checks it first.
   */
  public static List<byte[]> release(
      CompactSignature vtsSignature, CompactSignature buyerSignature, EscrowScript script) {
    return List.of(
        Der.encode(vtsSignature, SpendTemplate.SIGHASH),
        Der.encode(buyerSignature, SpendTemplate.SIGHASH),
        script.toArray());
  }

  /**
   * The buyer alone: {@code <> <buyerSig> <script>}, in a transaction with lock time at or above
   * the refund height and a sequence below 0xffffffff. The empty item fails the VTS's CHECKSIG, as
   * BIP 146's NULLFAIL allows it to.
   *
   * @param sighash the byte that the buyer signed with, usually 1 (ALL)
   */
  public static List<byte[]> refund(
      CompactSignature buyerSignature, int sighash, EscrowScript script) {
    return List.of(new byte[0], Der.encode(buyerSignature, sighash), script.toArray());
  }

  /** The items as they stand in a transaction. */
  public static byte[] serialize(List<byte[]> items) {
    int length = 1;
    for (byte[] item : items) {
      length += 1 + item.length;
    }
    byte[] bytes = new byte[length];
    bytes[0] = (byte) items.size();
    int at = 1;
    for (byte[] item : items) {
      bytes[at++] = (byte) item.length;
      System.arraycopy(item, 0, bytes, at, item.length);
      at += item.length;
    }
    return bytes;
  }
}
