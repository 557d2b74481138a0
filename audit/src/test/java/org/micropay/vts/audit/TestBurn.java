package org.micropay.vts.audit;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxHash;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.List;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.Burn;
import org.micropay.vts.settlement.BurnPair;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.EscrowWitness;
import org.micropay.vts.ticket.SpendTemplate;

/** The burn of a deposit, signed by both, without a fee wallet. */
final class TestBurn {
  private static final long REPLACEABLE = 0xFFFF_FFFDL;

  private TestBurn() {}

  static Burn of(TestVts.Escrow escrow, SecretKey vtsKey) {
    Deposit deposit = escrow.registration().deposit().orElseThrow();
    CompactSignature byVts =
        TestVts.sign(vtsKey, SpendTemplate.burn(escrow.terms(), deposit).digest());
    return of(escrow, byVts, deposit.burnFee(), Deposit.burnScript());
  }

  /** With these bytes, whether they hold or not. */
  static Burn of(TestVts.Escrow escrow, CompactSignature byVts, long fee, byte[] script) {
    Deposit deposit = escrow.registration().deposit().orElseThrow();
    List<byte[]> witness =
        EscrowWitness.release(byVts, deposit.sigBurn(), deposit.escrowScript(escrow.terms()));
    OutPoint spent =
        new OutPoint(
            new TxHash(deposit.outpoint().txid().toArray()),
            Integer.toUnsignedLong(deposit.outpoint().vout()));
    Transaction tx =
        new Transaction(
            SpendTemplate.VERSION,
            List.of(
                new TxIn(
                    spent,
                    ByteVector.empty,
                    REPLACEABLE,
                    new ScriptWitness(witness.stream().map(ByteVector::new).toList()))),
            List.of(new TxOut(new Satoshi(deposit.value() - fee), script)),
            SpendTemplate.LOCK_TIME);
    BurnPair pair =
        new BurnPair(deposit.outpoint(), deposit.value(), deposit.refundHeight(), fee, witness);
    return new Burn(
        Transaction.write(tx),
        Bytes32.of(tx.hash.value.toByteArray()),
        pair,
        List.of(),
        0,
        Transaction.write(tx).length);
  }
}
