package org.micropay.vts.settlement;

import java.util.Optional;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;

/** The embedded chain as a node would show it that has one of these defects. */
final class EmbeddedSpare implements SpareChain {
  /** What a pruning node keeps at least. */
  private static final int KEPT_BLOCKS = 288;

  private final EmbeddedChain real;
  private final Kind kind;
  private final Chain chain;
  private volatile int prunedTo;
  private volatile boolean loaded;
  private volatile boolean heard;
  private volatile long lost;

  EmbeddedSpare(EmbeddedChain real, Kind kind) {
    this.real = real;
    this.kind = kind;
    this.chain = new View(real);
    prune();
  }

  @Override
  public Chain chain() {
    return chain;
  }

  @Override
  public void catchUp() {
    loaded = true;
    prune();
    if (kind == Kind.UNHEARD) {
      heard = true;
      real.mineEmpty(1, real.wallet().script());
      heard = false;
    }
  }

  private void prune() {
    prunedTo = kind == Kind.PRUNED ? real.tip().height() - KEPT_BLOCKS : 0;
  }

  @Override
  public void close() {
    loaded = true;
  }

  private final class View extends ForwardingChain {
    View(Chain to) {
      super(to);
    }

    @Override
    public ChainStatus status() {
      ChainStatus status = super.status();
      return switch (kind) {
        case FOREIGN ->
            throw new ChainException(
                ChainException.Kind.WRONG_NETWORK,
                "the node follows signet, configured is " + status.network().id());
        case FRESH -> loaded ? status : fresh(status);
        case PRUNED ->
            new ChainStatus(status.network(), status.tip(), status.headers(), false, true);
        case UNHEARD -> status;
      };
    }

    private ChainStatus fresh(ChainStatus status) {
      BlockRef first = hashAt(0).flatMap(this::header).orElseThrow();
      return new ChainStatus(Network.REGTEST, first, status.headers(), true, false);
    }

    @Override
    public Optional<ChainBlock> block(Bytes32 hash) {
      Optional<ChainBlock> block = super.block(hash);
      block.ifPresent(
          one -> {
            if (one.ref().height() <= prunedTo) {
              throw new ChainException(
                  ChainException.Kind.PRUNED, "the node has no data of block " + one.ref());
            }
          });
      return block;
    }

    @Override
    public void onHint(Runnable hint) {
      if (kind != Kind.UNHEARD) {
        super.onHint(hint);
        return;
      }
      super.onHint(
          () -> {
            if (heard) {
              hint.run();
            } else {
              lost++;
            }
          });
    }

    @Override
    public long hintsLost() {
      return lost;
    }
  }
}
