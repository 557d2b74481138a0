package org.micropay.vts.simulation;

import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxOut;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.settlement.Account;
import org.micropay.vts.settlement.Chain;
import org.micropay.vts.settlement.ClaimOutcome;
import org.micropay.vts.settlement.SettlementState;
import org.micropay.vts.settlement.Utxo;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;

/**
 * The chain's blocks and settlement's books agree: each grant is paid exactly once, exactly, to its
 * script, by a transaction that the journal held before; or it ended elsewhere and the books say
 * so; and every satoshi that went into a batch came out of it.
 */
final class SatoshiConserved extends Checker {
  private final Supplier<SettlementState> books;
  private final byte[] walletScript;

  SatoshiConserved(Supplier<SettlementState> books, byte[] walletScript) {
    this.books = books;
    this.walletScript = walletScript.clone();
  }

  @Override
  void atEnd(JournalContents contents, Ledger ledger, Path journal, Chain chain) {
    ChainWalk walk = new ChainWalk(chain);
    SettlementState state = books.get();
    Set<Transaction> ours = new HashSet<>();
    for (Map.Entry<Long, byte[]> grant : contents.grantedClaims().entrySet()) {
      checkGrant(grant.getKey(), Claim.decode(grant.getValue()), contents, walk, state, ours);
    }
    Account account = Account.ZERO;
    for (Transaction tx : ours) {
      account = account.plus(account(tx, walk));
    }
    require(
        account.equals(state.account()),
        "by the chain %s, by the books %s",
        account,
        state.account());
    long wallet = chain.scan(walletScript).utxos().stream().mapToLong(Utxo::value).sum();
    require(wallet >= 0, "the fee wallet holds %d", wallet);
  }

  private void checkGrant(
      long position,
      Claim claim,
      JournalContents contents,
      ChainWalk walk,
      SettlementState state,
      Set<Transaction> ours) {
    ChainWalk.Output escrow = walk.outputs.get(claim.terms().outpoint());
    if (escrow == null) {
      return; // Its funding did not come back after a reorganization; LedgerFollowsChain has it.
    }
    require(escrow.spender != null, "the grant at %d is not settled", position);
    Bytes32 txid = ChainWalk.txid(escrow.spender);
    boolean own = contents.batches().contains(txid);
    TxOut out =
        escrow.inputIndex < escrow.spender.txOut.size()
            ? escrow.spender.txOut.get(escrow.inputIndex)
            : null;
    boolean pays =
        out != null
            && out.amount.toLong() >= claim.terms().payout()
            && Arrays.equals(ChainWalk.script(out), claim.payoutScript().toArray());
    require(pays || !own, "our batch %s does not pay the grant at %d", txid, position);
    Optional<ClaimOutcome> expected =
        own
            ? Optional.empty()
            : Optional.of(pays ? ClaimOutcome.PAID_ELSEWHERE : ClaimOutcome.LOST);
    Optional<ClaimOutcome> told = state.outcome(position);
    require(
        expected.equals(told),
        "the grant at %d ended %s on the chain, %s in the books",
        position,
        expected,
        told);
    require(!own || !state.needs(position), "the paid grant at %d is still open", position);
    if (own) {
      ours.add(escrow.spender);
    }
  }

  private Account account(Transaction tx, ChainWalk walk) {
    long escrows = 0;
    long wallet = 0;
    for (var in : tx.txIn) {
      ChainWalk.Output spent = walk.outputs.get(ChainWalk.outpoint(in.outPoint));
      boolean own = Arrays.equals(ChainWalk.script(spent.output), walletScript);
      escrows += own ? 0 : spent.value();
      wallet += own ? spent.value() : 0;
    }
    long payouts = 0;
    long change = 0;
    for (TxOut out : tx.txOut) {
      boolean own = Arrays.equals(ChainWalk.script(out), walletScript);
      payouts += own ? 0 : out.amount.toLong();
      change += own ? out.amount.toLong() : 0;
    }
    return new Account(escrows, wallet, payouts, change, escrows + wallet - payouts - change);
  }
}
