package org.micropay.vts.settlement;

import java.util.Map;
import org.micropay.vts.settlement.BookTransaction.Kind;
import org.micropay.vts.ticket.Outpoint;

/**
 * Follows every granted claim to its end: paid exactly once, or reported with the reason. Used
 * once.
 */
final class BookGrants {
  private final BookJournal journal;
  private final Map<Outpoint, Bookkeeper.BookSpend> spends;
  private final BookHoldings holdings;
  private final BookHoldings.Differences differences;
  private int settled;
  private int elsewhere;
  private int lost;
  private int open;

  BookGrants(
      BookJournal journal,
      Map<Outpoint, Bookkeeper.BookSpend> spends,
      BookHoldings holdings,
      BookHoldings.Differences differences) {
    this.journal = journal;
    this.spends = spends;
    this.holdings = holdings;
    this.differences = differences;
  }

  Books.Grants check() {
    journal.grants.forEach(this::check);
    return new Books.Grants(journal.grants.size(), settled, elsewhere, lost, open);
  }

  private void check(Outpoint escrow, BookJournal.Grant grant) {
    Bookkeeper.BookSpend spend = spends.get(escrow);
    SettlementRecord.ClaimClosed closed = journal.closed.get(grant.position());
    if (spend == null) {
      unspent(escrow, grant, closed);
    } else if (spend.paid() && spend.kind() == Kind.BATCH) {
      settled++;
      if (closed != null) {
        differ(grant, "a batch paid it, but the journal has it " + closed.outcome());
      }
    } else {
      elsewhere += spend.paid() ? 1 : 0;
      lost += spend.paid() ? 0 : 1;
      ClaimOutcome seen = spend.paid() ? ClaimOutcome.PAID_ELSEWHERE : ClaimOutcome.LOST;
      if (told(spend) && (closed == null || closed.outcome() != seen)) {
        differ(
            grant,
            "the chain has it "
                + seen
                + ", the journal "
                + (closed == null ? "not closed" : closed.outcome().toString()));
      }
    }
  }

  private boolean told(Bookkeeper.BookSpend spend) {
    BlockRef known = journal.blocks.peekLast();
    return known != null && spend.height() <= known.height();
  }

  private void unspent(
      Outpoint escrow, BookJournal.Grant grant, SettlementRecord.ClaimClosed closed) {
    boolean gone = closed != null && closed.outcome() == ClaimOutcome.FUNDING_DOUBLE_SPENT;
    if (gone) {
      lost++;
    } else {
      open++;
    }
    if (closed != null && !gone) {
      differ(grant, "the journal has it " + closed.outcome() + ", but its escrow is unspent");
    }
    if (gone && holdings.escrows.containsKey(escrow)) {
      differ(grant, "the journal has its funding lost, but its escrow is on the chain");
    }
  }

  private void differ(BookJournal.Grant grant, String text) {
    differences.differ("claim at " + grant.position(), "%s", text);
  }
}
