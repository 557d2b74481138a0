package org.micropay.vts.simulation;

import java.util.ArrayList;
import java.util.List;
import org.micropay.vts.settlement.EscrowWatcher;
import org.micropay.vts.ticket.AnswerCode;

/**
 * Buyers and merchants as the server meets them: they make claims, send them again until they hear
 * an answer that ends the matter, and register escrows. One thread.
 */
final class Clients {
  private static final int CLIENTS = 16;
  private static final int OPEN_AT_ONCE = 48;
  private static final int PATIENCE = 40_000;
  private static final int SHOWN = 5;

  private final World world;
  private final Checkers checkers;
  private final List<Intent> open = new ArrayList<>();
  private final List<Answer> receipts = new ArrayList<>();
  private long deliveries;
  private long lastProgress;

  Clients(World world, Checkers checkers) {
    this.world = world;
    this.checkers = checkers;
  }

  private boolean draw(int oneOf) {
    return world.random().nextInt(oneOf) == 0;
  }

  /** Whether every claim of the history was made. */
  boolean haveClaimed() {
    return world.market().intents().size() >= world.options().claims();
  }

  /** Whether every claim was made and answered. */
  boolean haveFinished() {
    return haveClaimed() && open.isEmpty();
  }

  /** Requests that have reached a server. */
  long deliveries() {
    return deliveries;
  }

  /** A grant's receipt that its merchant may use on the chain itself, or null. */
  Answer anyReceipt() {
    return receipts.isEmpty() ? null : receipts.get(world.random().nextInt(receipts.size()));
  }

  /** A new claim, when there is room for one more, and perhaps an old one again. */
  void talk(ChainMoves chain) {
    if (!haveClaimed() && open.size() < OPEN_AT_ONCE) {
      claim(chain);
    }
    if (draw(3)) {
      retry();
    }
  }

  private void claim(ChainMoves chain) {
    chain.fundIfFew();
    Intent intent =
        world.market().newIntent(world.random().nextInt(CLIENTS), world.clock().millis() / 1_000);
    open.add(intent);
    send(intent);
  }

  private void send(Intent intent) {
    intent.sentUntil(world.clock().steps() + 200 + world.random().nextInt(400));
    world.network().send(intent);
  }

  private void retry() {
    if (!open.isEmpty()) {
      Intent intent = open.get(world.random().nextInt(open.size()));
      if (intent.isDue(world.clock().steps())) {
        send(intent);
      }
    }
  }

  /** What the network lets through reaches the server. */
  void deliver(SimulatedServer server) {
    for (int i = world.random().nextInt(3); i > 0; i--) {
      Intent request = world.network().nextRequest();
      if (request != null) {
        server.deliver(++deliveries, request);
      }
    }
  }

  /** What the network lets through reaches clients. */
  void listen() {
    for (int i = world.random().nextInt(4); i > 0; i--) {
      Answer answer = world.network().nextAnswer();
      if (answer != null) {
        if (answer.isGrant() && world.options().realCrypto()) {
          receipts.add(answer);
        }
        hear(answer.intent(), AnswerCode.ofNumber(answer.code()));
      }
    }
  }

  void hear(Intent intent, AnswerCode code) {
    if (intent.hear(code, world.clock().steps() + 50 + world.random().nextInt(200))) {
      open.remove(intent);
      progressed();
    }
  }

  /** Sometimes: who has an escrow registers it, and looks for the answer. */
  void register(SimulatedServer server) {
    if (!draw(12)) {
      return;
    }
    for (SimulatedEscrow escrow : world.market().escrows()) {
      if (escrow.registered) {
        continue;
      }
      if (escrow.asked == null) {
        escrow.asked = server.register(escrow.registration(world.crypto()));
        if (draw(20)) {
          server.register(
              new SimulatedEscrow(world.market().otherTerms(escrow), escrow.buyer)
                  .registration(world.crypto()));
        }
      } else if (escrow.asked.isDone()) {
        takeRegistration(escrow);
      }
    }
  }

  private void takeRegistration(SimulatedEscrow escrow) {
    EscrowWatcher.Answer answer = escrow.asked.join();
    escrow.asked = null;
    // Whoever was told OUTPOINT_TAKEN was outrun by the other terms; both end the matter.
    escrow.registered = !answer.code().retryable();
    if (answer.code() == AnswerCode.REGISTERED) {
      checkers.onRegistered(answer.position());
    }
    progressed();
  }

  /** The server died: connections break, and nobody waits for what it had been asked. */
  void disconnect() {
    world.network().disconnect();
    world.market().escrows().forEach(escrow -> escrow.asked = null);
  }

  /** Patience begins anew. */
  void progressed() {
    lastProgress = world.clock().steps();
  }

  /** Once faults have stopped: somebody gets an answer every so many steps. */
  void checkPatience() {
    long waited = world.clock().steps() - lastProgress;
    checkers.checkPatience(waited, PATIENCE, waited < PATIENCE ? "" : describeOpen());
  }

  private String describeOpen() {
    return open.stream()
        .limit(SHOWN)
        .map(intent -> "claim " + intent.number() + " last told " + intent.last())
        .toList()
        .toString();
  }
}
