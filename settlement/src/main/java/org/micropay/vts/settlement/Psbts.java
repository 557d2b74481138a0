package org.micropay.vts.settlement;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.Script;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.SigHash;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import fr.acinq.bitcoin.psbt.Input;
import fr.acinq.bitcoin.psbt.KeyPathWithMaster;
import fr.acinq.bitcoin.psbt.Psbt;
import fr.acinq.bitcoin.utils.Either;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Between batches and PSBTs of version 0 (BIP 174). The escrows' inputs travel finalized, with both
 * signatures; the fee inputs carry what a signer needs: the spent output and where its key is. Pure
 * functions, any thread.
 */
final class Psbts {
  private Psbts() {}

  /** The PSBT of a batch whose fee inputs have no witness yet. */
  static byte[] write(Batch unsigned, WatchOnlyWallet wallet) {
    Transaction tx = Transactions.parse(unsigned.raw());
    Psbt psbt = new Psbt(withoutWitnesses(tx));
    int pairs = unsigned.pairs().size();
    for (int i = 0; i < pairs; i++) {
      ReleasePair pair = unsigned.pairs().get(i);
      psbt = right(update(psbt, tx.txIn.get(i), pair.spent(), Map.of()));
      psbt = right(psbt.finalizeWitnessInput(i, tx.txIn.get(i).witness));
    }
    fr.acinq.bitcoin.PublicKey key = new fr.acinq.bitcoin.PublicKey(wallet.publicKey().toArray());
    Map<fr.acinq.bitcoin.PublicKey, KeyPathWithMaster> derivation =
        Map.of(key, wallet.descriptor().derivation(wallet.index()));
    for (int i = 0; i < unsigned.feeCoins().size(); i++) {
      TxOut spent =
          new TxOut(
              new Satoshi(unsigned.feeCoins().get(i).value()),
              wallet.descriptor().script(wallet.index()).toArray());
      // Without a sighash type, which means ALL: many signers refuse to be told what they do
      // anyway.
      psbt = right(update(psbt, tx.txIn.get(pairs + i), spent, derivation));
    }
    if (unsigned.change() > 0) {
      psbt =
          right(
              psbt.updateWitnessOutput(
                  tx.txOut.size() - 1, null, null, derivation, null, Map.of()));
    }
    return Psbt.write(psbt).toByteArray();
  }

  private static Either<?, Psbt> update(
      Psbt psbt,
      TxIn in,
      TxOut spent,
      Map<fr.acinq.bitcoin.PublicKey, KeyPathWithMaster> derivation) {
    return psbt.updateWitnessInput(
        in.outPoint, spent, null, null, null, derivation, null, null, Map.of());
  }

  private static Transaction withoutWitnesses(Transaction tx) {
    List<TxIn> inputs = new ArrayList<>();
    tx.txIn.forEach(in -> inputs.add(new TxIn(in.outPoint, in.sequence)));
    return new Transaction(tx.version, inputs, tx.txOut, tx.lockTime);
  }

  private static Psbt right(Either<?, Psbt> either) {
    if (either.isLeft()) {
      throw new IllegalStateException("a PSBT cannot be made: " + either.getLeft());
    }
    return either.getRight();
  }

  /**
   * Reads a PSBT.
   *
   * @throws PsbtRefusal MALFORMED
   */
  static Psbt read(byte[] bytes) {
    try {
      var either = Psbt.read(bytes);
      if (either.isRight()) {
        return either.getRight();
      }
      throw new PsbtRefusal(
          PsbtRefusal.Code.MALFORMED, "no PSBT of version 0: " + words(either.getLeft()));
    } catch (PsbtRefusal e) {
      throw e;
    } catch (RuntimeException e) {
      throw new PsbtRefusal(PsbtRefusal.Code.MALFORMED, "no PSBT of version 0: " + e.getMessage());
    }
  }

  /** The parser names what is wrong by the type of its answer, InvalidMagicBytes and the like. */
  private static String words(Object failure) {
    return failure
        .getClass()
        .getSimpleName()
        .replaceAll("(?<=.)([A-Z])", " $1")
        .toLowerCase(java.util.Locale.ROOT);
  }

  /**
   * The witness that a signer left at a fee input: finalized, or one partial signature.
   *
   * @param key the wallet's
   * @return empty when it is not signed
   */
  static Optional<ScriptWitness> feeWitness(Input input, fr.acinq.bitcoin.PublicKey key) {
    ScriptWitness done = input.getScriptWitness();
    if (done != null && done.isNotNull()) {
      return Optional.of(done);
    }
    ByteVector signature = input.getPartialSigs().get(key);
    return signature == null
        ? Optional.empty()
        : Optional.of(Script.witnessPay2wpkh(key, signature));
  }

  /** Whether a fee input's signature covers all inputs and outputs, so that none can be changed. */
  static boolean signsAll(ScriptWitness witness) {
    if (witness.stack.isEmpty() || witness.stack.getFirst().size() == 0) {
      return false;
    }
    ByteVector signature = witness.stack.getFirst();
    return signature.get(signature.size() - 1) == SigHash.SIGHASH_ALL;
  }

  /** Whether an escrow's input came back as it went out, or bare. */
  static boolean sameWitness(Input input, ReleasePair pair) {
    ScriptWitness witness = input.getScriptWitness();
    if (witness == null || witness.isNull()) {
      return true;
    }
    List<ByteVector> stack = witness.stack;
    boolean same = stack.size() == pair.witness().size();
    for (int i = 0; same && i < stack.size(); i++) {
      same = Arrays.equals(stack.get(i).toByteArray(), pair.witness().get(i));
    }
    return same;
  }
}
