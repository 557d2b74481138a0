package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxOut;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.micropay.vts.settlement.Escrows.Grant;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * What the blocks say after a scenario, read without settlement's help, against what settlement
 * says of itself.
 */
final class ScenarioAudit {
  /** Where an output went: the transaction that spends it and at which input. */
  private record Spent(Transaction tx, int input) {}

  private final ScenarioRun run;
  private final Map<Outpoint, Spent> spends = new HashMap<>();
  private final Map<Outpoint, TxOut> outputs = new HashMap<>();
  private final Set<Bytes32> batches = new HashSet<>();
  private final Map<Long, ClaimOutcome> reports = new HashMap<>();

  ScenarioAudit(ScenarioRun run) {
    this.run = run;
    run.appliance.ledger.settlementRecords().forEach(this::read);
  }

  /** What settlement says of itself, by its records: its state forgets what is long final. */
  private void read(SettlementRecord entry) {
    switch (entry) {
      case SettlementRecord.BatchStored stored -> batches.add(stored.content().txid());
      case SettlementRecord.ClaimClosed closed -> reports.put(closed.position(), closed.outcome());
      case SettlementRecord.ClaimReopened again -> reports.remove(again.position());
      default -> {}
    }
  }

  /**
   * Checks everything.
   *
   * @return the books after all of it
   * @throws IllegalStateException naming the first thing that does not hold
   */
  Books check() {
    readBlocks();
    for (Grant grant : run.grants) {
      checkGrant(grant);
    }
    checkAccount();
    checkWallet();
    run.appliance.assertReplays();
    checkRepetition();
    return checkBooks();
  }

  private void readBlocks() {
    for (int height = run.startHeight + 1; height <= run.chain.tip().height(); height++) {
      Bytes32 hash = run.chain.hashAt(height).orElseThrow();
      for (Transaction tx : WireReader.block(run.chain.block(hash).orElseThrow().raw()).tx) {
        for (int i = 0; i < tx.txIn.size(); i++) {
          spends.put(Transactions.outpoint(tx.txIn.get(i).outPoint), new Spent(tx, i));
        }
        for (int i = 0; i < tx.txOut.size(); i++) {
          outputs.put(new Outpoint(Transactions.txid(tx), i), tx.txOut.get(i));
        }
      }
    }
  }

  /** Paid exactly once by us, or reported with the reason that the blocks give. */
  private void checkGrant(Grant grant) {
    ReleasePair pair = grant.pair();
    Optional<ClaimOutcome> reported = Optional.ofNullable(reports.get(grant.position()));
    Spent spent = spends.get(pair.outpoint());
    if (spent == null) {
      run.require(
          reported.equals(Optional.of(ClaimOutcome.FUNDING_DOUBLE_SPENT))
              && !outputs.containsKey(pair.outpoint()),
          "grant " + grant.position() + " is unspent and reported as " + reported);
      return;
    }
    boolean ours = batches.contains(Transactions.txid(spent.tx()));
    boolean pays = BatchMaker.pays(spent.tx(), spent.input(), pair);
    Optional<ClaimOutcome> expected =
        ours
            ? Optional.empty()
            : Optional.of(pays ? ClaimOutcome.PAID_ELSEWHERE : ClaimOutcome.LOST);
    run.require(
        reported.equals(expected) && (!ours || pays),
        "grant " + grant.position() + " is reported as " + reported + ", not as " + expected);
    run.require(
        payments(grant) == (pays ? 1 : 0),
        "grant " + grant.position() + " was paid " + payments(grant) + " times");
  }

  /** Every merchant of a scenario has a script of his own. */
  private long payments(Grant grant) {
    byte[] script = grant.claim().payoutScript().toArray();
    return outputs.values().stream()
        .filter(out -> Arrays.equals(Transactions.script(out), script))
        .count();
  }

  /** The batches' satoshi, added up from the blocks. */
  private void checkAccount() {
    Account expected = Account.ZERO;
    Set<Bytes32> seen = new HashSet<>();
    byte[] walletScript = BatchBuilder.walletScript(run.feeKey);
    for (Spent spent : spends.values()) {
      Bytes32 txid = Transactions.txid(spent.tx());
      if (!batches.contains(txid) || !seen.add(txid)) {
        continue;
      }
      long escrowIn = 0;
      long walletIn = 0;
      for (fr.acinq.bitcoin.TxIn in : spent.tx().txIn) {
        TxOut out = outputs.get(Transactions.outpoint(in.outPoint));
        boolean wallet = Arrays.equals(Transactions.script(out), walletScript);
        escrowIn += wallet ? 0 : Transactions.value(out);
        walletIn += wallet ? Transactions.value(out) : 0;
      }
      long payouts = 0;
      long change = 0;
      for (TxOut out : spent.tx().txOut) {
        boolean wallet = Arrays.equals(Transactions.script(out), walletScript);
        payouts += wallet ? 0 : Transactions.value(out);
        change += wallet ? Transactions.value(out) : 0;
      }
      long fees = escrowIn + walletIn - payouts - change;
      expected = expected.plus(new Account(escrowIn, walletIn, payouts, change, fees));
    }
    run.require(expected.equals(run.totals().account()), "the blocks' account is " + expected);
  }

  /** What was given to the fee wallet is in it, or was spent by the account. */
  private void checkWallet() {
    SettlementState.Totals totals = run.totals();
    Account account = totals.account();
    long expected =
        run.fundedWallet() - account.wallet() + account.change() - totals.splitFees() - burnFees();
    long scanned =
        run.chain.scan(BatchBuilder.walletScript(run.feeKey)).utxos().stream()
            .mapToLong(Utxo::value)
            .sum();
    run.require(
        scanned == expected && run.appliance.settlement.status().walletBalance() == expected,
        "the fee wallet holds " + scanned + " satoshi, not " + expected);
  }

  /** What the fee wallet added to burns. */
  private long burnFees() {
    return run.appliance.settlement.penaltyState().totals().ownFees();
  }

  /** The double-entry account, kept by other code from other sources, must say the same. */
  private Books checkBooks() {
    Books books = run.appliance.books();
    run.require(books.agrees(), "journal and chain do not agree: " + books.differences());
    SettlementState.Totals totals = run.totals();
    Books.Grants expected =
        new Books.Grants(
            run.grants.size(),
            Math.toIntExact(totals.settled()),
            Math.toIntExact(totals.paidElsewhere()),
            Math.toIntExact(totals.lost() + totals.fundingLost()),
            0);
    run.require(
        books.grants().equals(expected), "the books have " + books.grants() + ", not " + expected);
    long payouts =
        run.grants.stream()
            .filter(grant -> payments(grant) == 1)
            .mapToLong(grant -> grant.pair().payout())
            .sum();
    run.require(
        books.balances().get(BookAccount.PAYOUTS) == payouts,
        "the books have paid out " + books.balances() + ", the blocks " + payouts);
    run.require(
        books.balances().get(BookAccount.WALLET)
            == run.appliance.settlement.status().walletBalance(),
        "the books have another fee wallet: " + books.balances());
    long sum = books.balances().values().stream().mapToLong(Long::longValue).sum();
    run.require(sum == 0, "the books are off by " + sum + " satoshi");
    return books;
  }

  /** A restart, every grant handed over again, and time: nothing may change. */
  private void checkRepetition() {
    SettlementState before = run.appliance.ledger.replay();
    PenaltyState penalties = run.appliance.ledger.replayPenalty();
    int batches = run.totals().batchesStored();
    run.appliance.crashAndRestart();
    run.appliance.grant(java.util.List.copyOf(run.grants));
    run.appliance.clock.addAndGet(10 * ScenarioRun.POLICY.maxAgeMillis());
    run.appliance.settle();
    run.require(
        before.equals(run.appliance.settlement.state())
            && penalties.equals(run.appliance.settlement.penaltyState())
            && run.totals().batchesStored() == batches
            && run.appliance.ledger.events == 0,
        "a second run of everything changed something");
  }
}
