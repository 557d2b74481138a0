package org.micropay.vts.simulation;

import java.nio.file.Path;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.settlement.Chain;
import org.micropay.vts.ticket.Outpoint;

/** Once all is quiet the ledger has the chain's tip, and each output's heights are the chain's. */
final class LedgerFollowsChain extends Checker {
  @Override
  void atEnd(JournalContents contents, Ledger ledger, Path journal, Chain chain) {
    compare(ledger, chain);
  }

  void compare(Ledger ledger, Chain chain) {
    require(
        ledger.view().tip().hash().equals(chain.tip().hash()),
        "the ledger's tip is %s, the chain's %s",
        ledger.view().tip(),
        chain.tip());
    ChainWalk walk = new ChainWalk(chain);
    ledger.forEachOutput(
        (bytes, fundedHeight, spentHeight) -> {
          Outpoint outpoint = Outpoint.decode(bytes);
          ChainWalk.Output there = walk.outputs.get(outpoint);
          int funded = there == null ? 0 : there.height;
          int spent = there == null ? 0 : there.spentAt;
          require(
              fundedHeight == funded && spentHeight == spent,
              "%s is funded at %d and spent at %d; to the ledger at %d and %d",
              outpoint,
              funded,
              spent,
              fundedHeight,
              spentHeight);
        });
  }
}
