package org.micropay.vts.simulation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.settlement.Settlement;
import org.micropay.vts.settlement.SettlementState;

/** All that must hold in one history; each hears everything. One thread. */
final class Checkers {
  private final NoDoubleGrant noDoubleGrant = new NoDoubleGrant();
  private final ReplyImpliesDurable replyImpliesDurable = new ReplyImpliesDurable();
  private final EveryClaimAnswered everyClaimAnswered = new EveryClaimAnswered();
  private final LedgerFollowsChain ledgerFollowsChain = new LedgerFollowsChain();
  private final List<Checker> all = new ArrayList<>();
  private final World world;

  /** {@code settlement} gives the running server's state. */
  Checkers(World world, Parts parts, Supplier<SettlementState> settlement) {
    this.world = world;
    all.add(noDoubleGrant);
    all.add(replyImpliesDurable);
    all.add(new SameClaimSameReceipt());
    all.add(new ReceiptIsSigned(digest -> world.crypto().sign(world.vts(), digest)));
    all.add(new ReplayGivesTheSameDigest(parts));
    all.add(everyClaimAnswered);
    all.add(ledgerFollowsChain);
    if (world.options().realCrypto()) {
      all.add(new SatoshiConserved(settlement, Settlement.walletScript(world.fee())));
    }
  }

  void onAnswer(Answer answer, long durable) {
    all.forEach(checker -> checker.onAnswer(answer, durable));
  }

  void onGrant(Answer grant, long durable) {
    all.forEach(checker -> checker.onGrant(grant, durable));
  }

  void onCommand(long position, long durable) {
    all.forEach(checker -> checker.onCommand(position, durable));
  }

  void onRegistered(long position) {
    all.forEach(checker -> checker.onRegistered(position));
  }

  void onRecovered(JournalContents contents, Ledger ledger) {
    Path journal = world.journal();
    all.forEach(checker -> checker.onRecovered(contents, ledger, journal));
  }

  void atEnd(JournalContents contents, Ledger ledger) {
    Path journal = world.journal();
    all.forEach(checker -> checker.atEnd(contents, ledger, journal, world.chain()));
  }

  /** Only whether all that was acknowledged is there. */
  void requireAcknowledged(JournalContents contents) {
    replyImpliesDurable.onRecovered(contents, null, world.journal());
  }

  void compareWithChain(Ledger ledger) {
    ledgerFollowsChain.compare(ledger, world.chain());
  }

  void checkPatience(long stepsWithoutProgress, long most, String open) {
    everyClaimAnswered.checkPatience(stepsWithoutProgress, most, open);
  }

  /** Answers that rest on a record. */
  int receipts() {
    return replyImpliesDurable.count();
  }

  /** Escrows granted. */
  int grants() {
    return noDoubleGrant.count();
  }
}
