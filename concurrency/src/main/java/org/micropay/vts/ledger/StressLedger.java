package org.micropay.vts.ledger;

import java.util.Optional;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.ClaimView;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;

/** A ledger with room for one escrow, on a chain of one block. */
final class StressLedger {
  static final int UNKNOWN_ESCROW = 20;
  private static final long NOW = 1_700_000_000_000L;
  private static final int TIP = 1_000;
  private static final PublicKey KEY = key();
  private static final CompactSignature SIGNATURE = signature();
  private static final Terms TERMS =
      new Terms(
          Network.REGTEST.magic(),
          new Outpoint(hash(1), 0),
          100_000,
          90_000,
          1,
          TIP + 10_000,
          KEY,
          KEY);
  private static final byte[] CLAIM = claim().encode();
  private static final byte[] CLAIM_ID = claim().id().toArray();
  private static final LedgerPolicy POLICY =
      new LedgerPolicy(Network.REGTEST.magic(), KEY, 1, 0, 1, 10, 1L << 40, 100, 0, 1, 2);

  private final Ledger ledger = Ledger.create(POLICY);
  private final LedgerView view = ledger.view();
  private final ClaimView writersClaim = new ClaimView().wrap(CLAIM, 0, CLAIM.length);
  private final ClaimView readersClaim = new ClaimView().wrap(CLAIM, 0, CLAIM.length);

  StressLedger() {
    ledger.configure(1, NOW, POLICY);
    ledger.blockConnected(2, NOW, TIP, hash(2), hash(3));
  }

  private static PublicKey key() {
    byte[] bytes = new byte[PublicKey.LENGTH];
    bytes[0] = 2;
    bytes[20] = 7;
    return PublicKey.of(bytes);
  }

  private static CompactSignature signature() {
    byte[] bytes = new byte[CompactSignature.LENGTH];
    bytes[31] = 1;
    bytes[63] = 1;
    return CompactSignature.of(bytes);
  }

  private static Bytes32 hash(int number) {
    byte[] bytes = new byte[Bytes32.LENGTH];
    bytes[0] = (byte) number;
    return Bytes32.of(bytes);
  }

  private static Claim claim() {
    Bytes16 r = Bytes16.of(new byte[Bytes16.LENGTH]);
    byte[] script = new byte[22];
    script[1] = 20;
    return new Claim(
        TERMS,
        hash(9),
        new Opening(r, r),
        r,
        4_000_000_000L,
        PayoutScript.of(script),
        SIGNATURE,
        SIGNATURE);
  }

  void register() {
    ledger.register(
        3, NOW, new Registration(TERMS, Optional.empty(), SIGNATURE), TIP - 10, 0, hash(2));
  }

  void grant() {
    ledger.decide(4, NOW, writersClaim, CLAIM_ID, 0);
  }

  int status() {
    return view.status(NOW, readersClaim, CLAIM_ID, 0);
  }

  void close() {
    ledger.close();
  }
}
