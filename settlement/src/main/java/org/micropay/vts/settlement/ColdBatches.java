package org.micropay.vts.settlement;

import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.psbt.Psbt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * Batches of a watch-only fee wallet: a PSBT goes out, its signed form comes back. The chain thread
 * owns it.
 *
 * <p>Nothing is remembered between the two: a transaction that comes back is judged by what is
 * known now. It must spend exactly claims that still wait and coins that are still free, pay each
 * claim and the change as they must be paid, within the fee cap, and every signature must hold. So
 * a restart between export and import does no harm, and an older export is as good as the newest as
 * long as nothing in it has been settled otherwise.
 */
final class ColdBatches {
  private final SettlementState state;
  private final ClaimQueue claims;
  private final FeeWallet wallet;
  private final WatchOnlyWallet watched;
  private final BatchMaker maker;
  private final BatchSender sender;
  private final SettlementPolicy policy;
  private final FeeSchedule fees;
  private final Chain chain;

  ColdBatches(
      Chain chain,
      SettlementState state,
      ClaimQueue claims,
      FeeWallet wallet,
      WatchOnlyWallet watched,
      BatchMaker maker,
      BatchSender sender,
      SettlementPolicy policy,
      FeeSchedule fees) {
    this.chain = chain;
    this.state = state;
    this.claims = claims;
    this.wallet = wallet;
    this.watched = watched;
    this.maker = maker;
    this.sender = sender;
    this.policy = policy;
    this.fees = fees;
  }

  private static PsbtRefusal refuse(PsbtRefusal.Code code, String text, Object... values) {
    return new PsbtRefusal(code, text.formatted(values));
  }

  // ---- out

  /**
   * Makes a batch to be signed.
   *
   * @param replaced number of a batch that waits in the mempool; 0 for a new one
   * @throws PsbtRefusal when there is nothing to sign, or the coins do not suffice
   */
  ExportedPsbt export(BlockRef tip, int replaced) {
    return replaced == 0 ? exportNew(tip) : exportReplacement(tip, replaced);
  }

  private ExportedPsbt exportNew(BlockRef tip) {
    List<ReleasePair> ready = claims.ready();
    if (ready.isEmpty()) {
      throw refuse(PsbtRefusal.Code.NOTHING_TO_SIGN, "no claims wait for a batch");
    }
    List<ReleasePair> pairs = ready.subList(0, BatchBuilder.fitting(ready, policy.maxClaims()));
    FeeRate rate =
        fees.first(
            chain, state.settings().feeRate(), tip.height(), pairs.getFirst().refundHeight());
    return exported(pairs, List.of(), BatchBuilder.Fee.at(rate), 0);
  }

  private ExportedPsbt exportReplacement(BlockRef tip, int number) {
    BatchEntry entry = live(number);
    Batch stuck = entry.latest();
    FeeRate rate =
        fees.raised(
            chain, state.settings().feeRate(), stuck.rate(), tip.height(), entry.deadline());
    long step = FeeRate.MIN_RELAY.feeFor(stuck.vsize() + 2 * 100);
    BatchBuilder.Fee fee = new BatchBuilder.Fee(rate, Math.addExact(stuck.fee(), step));
    return exported(stuck.pairs(), stuck.feeCoins(), fee, number);
  }

  private BatchEntry live(int number) {
    return state.entries().stream()
        .filter(one -> one.number == number && one.live())
        .findFirst()
        .orElseThrow(
            () ->
                refuse(
                    PsbtRefusal.Code.NOTHING_TO_SIGN,
                    "batch %d does not wait for its confirmation",
                    number));
  }

  private ExportedPsbt exported(
      List<ReleasePair> pairs, List<FeeCoin> required, BatchBuilder.Fee fee, int replaced) {
    Batch batch =
        maker
            .builder()
            .unsigned(pairs, required, wallet.spendable(state.reservedCoins()), fee)
            .orElseThrow(
                () ->
                    refuse(
                        PsbtRefusal.Code.COINS_MISSING,
                        "the fee wallet has no confirmed coins for a batch of %d claims at %s",
                        pairs.size(),
                        fee.rate()));
    return new ExportedPsbt(
        Psbts.write(batch, watched),
        batch.txid(),
        replaced,
        batch.pairs().size(),
        batch.feeCoins().size(),
        batch.fee(),
        batch.change());
  }

  // ---- and in

  /**
   * Takes a signed batch: checks everything, then stores and sends it like any other.
   *
   * @return its txid
   * @throws PsbtRefusal when it is not exactly a batch of ours, or not signed
   */
  Bytes32 accept(byte[] bytes) {
    Psbt psbt = Psbts.read(bytes);
    Transaction bare = psbt.global.tx;
    Bytes32 txid = Transactions.txid(bare);
    if (state.attempt(txid).isPresent()) {
      throw refuse(
          PsbtRefusal.Code.REPLAYED, "transaction %s was imported before", txid.toReversedHex());
    }
    List<ReleasePair> pairs = pairs(bare, psbt);
    Optional<BatchEntry> replaced = replaced(pairs);
    Batch batch = batch(psbt, pairs, coins(bare, pairs.size(), replaced));
    requireNoProblem(batch);
    switch (maker.examine(batch, replaced.map(BatchSender::versions).orElse(Set.of()))) {
      case BatchMaker.Made made ->
          sender.store(
              replaced.map(entry -> entry.number).orElse(state.nextBatch()),
              replaced.map(entry -> entry.attempts.size()).orElse(0),
              made.batch());
      case BatchMaker.Without without ->
          throw refuse(PsbtRefusal.Code.INVALID, "%s", without.why());
      case BatchMaker.Failed failed ->
          throw refuse(PsbtRefusal.Code.REFUSED_BY_CHAIN, "%s", failed.why());
    }
    return txid;
  }

  private void requireNoProblem(Batch batch) {
    List<BatchChecker.Problem> problems = maker.problems(batch);
    if (!problems.isEmpty()) {
      BatchChecker.Problem first = problems.getFirst();
      PsbtRefusal.Code code =
          switch (first.kind()) {
            case STRUCTURE -> PsbtRefusal.Code.TAMPERED;
            case GONE -> PsbtRefusal.Code.REFUSED_BY_CHAIN;
            case INVALID -> PsbtRefusal.Code.INVALID;
          };
      throw refuse(
          code, "%s%s", first.input() < 0 ? "" : "input " + first.input() + ": ", first.text());
    }
  }

  /** The claims at the head of the transaction, each known and waiting. */
  private List<ReleasePair> pairs(Transaction bare, Psbt psbt) {
    List<ReleasePair> pairs = new ArrayList<>();
    for (int i = 0; i < bare.txIn.size(); i++) {
      ReleasePair pair = claims.on(Transactions.outpoint(bare.txIn.get(i).outPoint));
      if (pair == null) {
        break;
      }
      if (!Psbts.sameWitness(psbt.inputs.get(i), pair)) {
        throw refuse(PsbtRefusal.Code.TAMPERED, "the witness of escrow input %d was changed", i);
      }
      pairs.add(pair);
    }
    if (pairs.isEmpty()) {
      throw refuse(PsbtRefusal.Code.FOREIGN, "its first input is no escrow whose claim waits here");
    }
    return pairs;
  }

  /** The batch that it replaces, when its claims are in one; all of them, and no other. */
  private Optional<BatchEntry> replaced(List<ReleasePair> pairs) {
    Set<Integer> numbers = new HashSet<>();
    for (ReleasePair pair : pairs) {
      if (state.isClosed(pair.position()) || !state.needs(pair.position())) {
        throw refuse(
            PsbtRefusal.Code.REPLAYED, "the claim at %d is settled already", pair.position());
      }
      numbers.add(state.batchOf(pair.position()).map(entry -> entry.number).orElse(0));
    }
    int number = numbers.iterator().next();
    if (numbers.size() > 1) {
      throw refuse(PsbtRefusal.Code.REPLAYED, "some of its claims are in batches by now");
    }
    if (number == 0) {
      return Optional.empty();
    }
    BatchEntry entry =
        state.entries().stream().filter(one -> one.number == number).findFirst().orElseThrow();
    if (!entry.live() || !entry.pairs().equals(pairs)) {
      throw refuse(
          PsbtRefusal.Code.REPLAYED,
          "its claims are in batch %d, which it does not replace",
          number);
    }
    return Optional.of(entry);
  }

  private List<FeeCoin> coins(Transaction bare, int pairs, Optional<BatchEntry> replaced) {
    Map<Outpoint, FeeCoin> free = new HashMap<>();
    wallet.spendable(state.reservedCoins()).forEach(coin -> free.put(coin.outpoint(), coin));
    replaced.ifPresent(
        entry -> entry.latest().feeCoins().forEach(coin -> free.put(coin.outpoint(), coin)));
    List<FeeCoin> coins = new ArrayList<>();
    for (TxIn in : bare.txIn.subList(pairs, bare.txIn.size())) {
      Outpoint outpoint = Transactions.outpoint(in.outPoint);
      FeeCoin coin = free.get(outpoint);
      if (coin == null) {
        throw refuse(
            PsbtRefusal.Code.FOREIGN, "input %s is no free coin of the fee wallet", outpoint);
      }
      coins.add(coin);
    }
    return coins;
  }

  private Batch batch(Psbt psbt, List<ReleasePair> pairs, List<FeeCoin> coins) {
    Transaction tx = psbt.global.tx;
    if (tx.txOut.size() < pairs.size() || tx.txOut.size() > pairs.size() + 1) {
      throw refuse(
          PsbtRefusal.Code.TAMPERED,
          "it has %d outputs for %d claims and change",
          tx.txOut.size(),
          pairs.size());
    }
    fr.acinq.bitcoin.PublicKey key = new fr.acinq.bitcoin.PublicKey(watched.publicKey().toArray());
    for (int i = 0; i < pairs.size(); i++) {
      tx = tx.updateWitness(i, pairs.get(i).input().witness);
    }
    for (int i = 0; i < coins.size(); i++) {
      int at = pairs.size() + i;
      ScriptWitness witness =
          Psbts.feeWitness(psbt.inputs.get(at), key)
              .orElseThrow(
                  () -> refuse(PsbtRefusal.Code.UNSIGNED, "fee input %d is not signed", at));
      if (!Psbts.signsAll(witness)) {
        throw refuse(
            PsbtRefusal.Code.INVALID,
            "fee input %d is signed for another sighash type than ALL",
            at);
      }
      tx = tx.updateWitness(at, witness);
    }
    boolean change = tx.txOut.size() > pairs.size();
    long in = 0;
    for (ReleasePair pair : pairs) {
      in = Math.addExact(in, pair.value());
    }
    for (FeeCoin coin : coins) {
      in = Math.addExact(in, coin.value());
    }
    return new Batch(
        Transactions.serialize(tx),
        Transactions.txid(tx),
        pairs,
        coins,
        change ? Transactions.value(tx.txOut.getLast()) : 0,
        in - Transactions.outputSum(tx),
        Transactions.vsize(tx));
  }
}
