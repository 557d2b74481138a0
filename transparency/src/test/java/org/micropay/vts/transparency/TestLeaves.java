package org.micropay.vts.transparency;

import java.util.Random;
import org.micropay.vts.ticket.Bytes;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Terms;

/** Records of claims that are all right but for their signatures, which only have the form. */
final class TestLeaves {
  static final PublicKey VTS =
      PublicKey.fromHex("02e666562ff47964aba5f7e8a98b0ce9c9e264740ff809a712f83600876eaa0b5e");
  static final PublicKey BUYER =
      PublicKey.fromHex("031c206e527293fb1725245707705cf783d47f8dc45c050bb38d36eb853b40a6b7");
  static final long TIME = 1_800_000_000_000L;

  private TestLeaves() {}

  static Terms terms(long escrow) {
    return terms(escrow, VTS, Network.REGTEST, 1);
  }

  static Terms terms(long escrow, PublicKey vts, Network network, int odds) {
    Bytes32 txid = NaiveTree.sha256(Long.toString(escrow).getBytes());
    return new Terms(
        network.magic(), new Outpoint(txid, 1), 1_010_000, 1_000_000, odds, 900_000, BUYER, vts);
  }

  static Claim claim(Terms terms, Random random) {
    return claim(terms, random, TIME / 1000 + 1000);
  }

  static Claim claim(Terms terms, Random random, long expiry) {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    Opening opening = new Opening(Bytes16.of(bytes), Bytes16.of(new byte[16]));
    byte[] script = new byte[22];
    random.nextBytes(script);
    script[0] = 0;
    script[1] = 20;
    byte[] signature = new byte[64];
    signature[31] = 1;
    signature[63] = 1;
    return new Claim(
        terms,
        opening.commitment(),
        opening,
        Bytes16.of(new byte[16]),
        expiry,
        PayoutScript.of(script),
        CompactSignature.of(signature),
        CompactSignature.of(signature));
  }

  static byte[] grant(long position, long time, Claim claim) {
    return leaf(3, position, time, position, claim);
  }

  static byte[] proof(long position, long time, long grantPosition, Claim claim) {
    return leaf(4, position, time, grantPosition, claim);
  }

  static byte[] leaf(int kind, long position, long time, long grantPosition, Claim claim) {
    byte[] canonical = claim.encode();
    byte[] leaf = new byte[LeafLayout.CLAIM + canonical.length];
    leaf[LeafLayout.VERSION] = 1;
    leaf[LeafLayout.KIND] = (byte) kind;
    Bytes.putLongLe(leaf, LeafLayout.POSITION, position);
    Bytes.putLongLe(leaf, LeafLayout.TIME, time);
    Bytes.putLongLe(leaf, LeafLayout.GRANT_POSITION, grantPosition);
    claim.id().copyTo(leaf, LeafLayout.CLAIM_ID);
    System.arraycopy(canonical, 0, leaf, LeafLayout.CLAIM, canonical.length);
    return leaf;
  }
}
