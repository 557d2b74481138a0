package org.micropay.vts.simulation;

import org.micropay.vts.settlement.EmbeddedChain;
import org.micropay.vts.settlement.Settlement;

/**
 * What happens on the chain: blocks, refunds, releases, lost mempools, reorganizations. One thread.
 */
final class ChainMoves {
  private static final int FUND_AT_ONCE = 60;
  private static final int FEW = 10;
  private static final int WALLET_COINS = 6;
  private static final long WALLET_COIN = 2_000_000;

  private final World world;
  private final EmbeddedChain chain;
  private boolean fundingAtRisk;
  private long reorganizations;

  ChainMoves(World world) {
    this.world = world;
    this.chain = world.chain();
  }

  /** Escrows that a history of so many claims may come to need. */
  static int mostEscrows(int claims) {
    return claims + 2 * FUND_AT_ONCE;
  }

  long reorganizations() {
    return reorganizations;
  }

  /** The chain before the server's first start. */
  void begin() {
    chain.mature(2);
    if (world.options().realCrypto()) {
      for (int i = 0; i < WALLET_COINS; i++) {
        chain.fund(Settlement.walletScript(world.fee()), WALLET_COIN + i);
      }
    }
    world.market().fund(FUND_AT_ONCE);
    chain.mine(3);
  }

  /** Buyers fund more escrows when few are left that nobody has claimed on. */
  void fundIfFew() {
    if (world.market().freshEscrows() < FEW) {
      world.market().fund(FUND_AT_ONCE);
      mine(1);
    }
  }

  private void mine(int blocks) {
    chain.mine(blocks);
    fundingAtRisk = false;
  }

  /** One event; {@code faults} allows reorganizations. */
  void move(SimulatedServer server, Clients clients, Checkers checkers, boolean faults) {
    int dice = world.random().nextInt(100);
    if (dice < 60) {
      mine(1 + world.random().nextInt(2));
    } else if (dice < 68) {
      chain.mineEmpty(1, chain.wallet().script());
    } else if (dice < 76) {
      world.market().refund();
    } else if (dice < 82 && release(clients)) {
      return;
    } else if (dice < 88 && world.options().realCrypto()) {
      server.settlement().flush();
    } else if (dice < 92 && !fundingAtRisk) {
      chain.clearMempool();
    } else if (faults) {
      reorganize(server, checkers);
    }
  }

  private boolean release(Clients clients) {
    Answer receipt = clients.anyReceipt();
    if (receipt == null) {
      return false;
    }
    world.market().release(receipt);
    return true;
  }

  private void reorganize(SimulatedServer server, Checkers checkers) {
    int depth = 1 + world.random().nextInt(3);
    reorganizations++;
    world.trace().note("reorganization of %d at %d", depth, chain.tip().height());
    chain.invalidate(depth);
    fundingAtRisk = true;
    if (world.random().nextBoolean() && !server.isHalted()) {
      server.step();
    }
    if (world.random().nextBoolean()) {
      chain.mineEmpty(depth + 1, chain.wallet().script());
      if (world.random().nextBoolean()) {
        compare(server, checkers);
      }
    } else {
      mine(depth + 1);
    }
  }

  /** While what a reorganization undid is not confirmed again, which would hide what it left. */
  private void compare(SimulatedServer server, Checkers checkers) {
    server.runUntilQuiet();
    if (server.settlement().synced() && !server.isHalted() && !world.disk().isOff()) {
      checkers.compareWithChain(server.ledger());
    }
  }
}
