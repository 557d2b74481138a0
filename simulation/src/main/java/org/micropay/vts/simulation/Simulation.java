package org.micropay.vts.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.pipeline.PipelineConfig;
import org.micropay.vts.settlement.FeeRate;
import org.micropay.vts.settlement.SettlementPolicy;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Network;

/**
 * One history of a VTS and the world around it, played from a seed in one thread: clients, network,
 * server, disk, clock and chain take steps in drawn order, and any of them may fail. The same seed
 * plays the same history.
 */
public final class Simulation implements AutoCloseable {
  private static final int LAST_BLOCKS = 24;

  /** So many starts in a row do not fail by chance, whatever faults are drawn. */
  private static final int MOST_FAILED_STARTS = 60;

  private static final Set<JournalException.Reason> EXCUSED =
      EnumSet.of(
          JournalException.Reason.IO,
          JournalException.Reason.NOT_ACCESSIBLE,
          JournalException.Reason.DISK_FULL);

  private final SimulationOptions options;
  private final Parts parts;
  private final World world;
  private final Checkers checkers;
  private final Clients clients;
  private final ChainMoves chainMoves;
  private final Misfortune misfortune;
  private final SimulatedServer.Environment environment;
  private SimulatedServer server;
  private RuntimeException broken;
  private long answers;
  private long settled;
  private int starts;
  private int failedStarts;
  private long downUntil = -1;

  /** A history that has not begun. */
  public Simulation(SimulationOptions options, Parts parts) {
    this.options = options;
    this.parts = parts;
    world = World.create(options);
    checkers = new Checkers(world, parts, () -> server.settlement().state());
    clients = new Clients(world, checkers);
    chainMoves = new ChainMoves(world);
    misfortune = new Misfortune(world, checkers);
    environment =
        new SimulatedServer.Environment(
            parts,
            world.disk(),
            world.clock(),
            world.chain(),
            world.crypto(),
            world.vts(),
            world.fee(),
            drawPolicy(),
            drawPipeline(),
            settlementPolicy(),
            new Ear());
  }

  private LedgerPolicy drawPolicy() {
    return new LedgerPolicy(
        Network.REGTEST.magic(),
        world.vts().publicKey(),
        ChainMoves.mostEscrows(options.claims()),
        0,
        1 + world.random().nextInt(2),
        2 + world.random().nextInt(4),
        600_000,
        LedgerPolicy.MIN_RETIRE_DEPTH,
        1 + world.random().nextInt(60),
        world.random().nextLong(),
        world.random().nextLong());
  }

  private PipelineConfig drawPipeline() {
    return PipelineConfig.defaults()
        .withRingSize(32 << world.random().nextInt(3))
        .withShards(1 + world.random().nextInt(2), 1 + world.random().nextInt(2))
        .withKernel(1 << world.random().nextInt(4), 8, 8);
  }

  private static SettlementPolicy settlementPolicy() {
    return new SettlementPolicy(
        20,
        60_000,
        3,
        6,
        new FeeRate(2_000),
        FeeRate.MIN_RELAY,
        new FeeRate(500_000),
        3,
        4,
        100_000,
        1_000,
        SettlementPolicy.Patience.NONE);
  }

  /** What leaves the server. */
  private final class Ear implements SimulatedServer.Listener {
    @Override
    public void onAnswer(Answer answer, long durable) {
      answers++;
      checkers.onAnswer(answer, durable);
      world.network().send(answer);
    }

    @Override
    public void onGrant(Answer grant, long durable) {
      checkers.onGrant(grant, durable);
    }

    @Override
    public void onCommand(long position, long durable) {
      checkers.onCommand(position, durable);
    }

    @Override
    public void onRefusedAtOnce(Intent intent, AnswerCode code) {
      clients.hear(intent, code);
    }

    @Override
    public void onHalt(String stage, Throwable cause) {
      world.trace().note("halt of %s: %s", stage, world.anonymous(cause.getMessage()));
      boolean expected = cause instanceof JournalException || cause instanceof PowerCut;
      if (cause instanceof Violation violation) {
        broken = violation;
      } else if (!expected) {
        broken = new Violation("NoUnexpectedHalt", stage + ": " + cause, cause);
      }
    }
  }

  /**
   * Plays it to its end.
   *
   * @throws SimulationFailure when something that must always hold did not
   */
  public SimulationReport run() {
    try {
      chainMoves.begin();
      startServer();
      while (!clients.haveFinished()) {
        step();
        if (clients.haveClaimed() && misfortune.isOn()) {
          misfortune.stop();
          clients.progressed();
        }
      }
      end();
      return report();
    } catch (RuntimeException e) {
      throw new SimulationFailure(options, e, trace());
    }
  }

  /** The last events: number, simulated time, event. */
  public List<String> trace() {
    return world.trace().lines();
  }

  private void step() {
    world.clock().step(world.random().nextInt(20));
    clients.talk(chainMoves);
    if (server == null) {
      if (world.clock().steps() >= downUntil) {
        restart();
      }
      return;
    }
    clients.deliver(server);
    for (int i = world.random().nextInt(6); i > 0; i--) {
      server.step();
    }
    clients.listen();
    clients.register(server);
    if (world.random().nextInt(100) == 0) {
      chainMoves.move(server, clients, checkers, misfortune.isOn());
    }
    if (misfortune.isOn()) {
      misfortune.strike();
    } else {
      clients.checkPatience();
    }
    lookAtServer();
  }

  private void lookAtServer() {
    if (broken != null) {
      throw broken;
    }
    if (server.isHalted() || world.disk().isOff()) {
      world.disk().switchOff();
      fall();
    }
  }

  /** The process is gone; its memory and what was on the wire to it as well. */
  private void fall() {
    Path next = world.disk().reboot(misfortune.drawPowerLoss());
    closeServer();
    world.disk().switchOn(next);
    clients.disconnect();
    downUntil = world.clock().steps() + world.random().nextInt(60);
  }

  private void closeServer() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server = null;
  }

  private void restart() {
    misfortune.strikeBeforeStart();
    startServer();
    if (server != null) {
      world.disk().disarm();
    }
  }

  private void startServer() {
    server = new SimulatedServer(environment, world.random().split(), ++starts);
    try {
      server.start();
    } catch (PowerCut | JournalException e) {
      world.trace().note("start failed: %s", world.anonymous(e.getMessage()));
      if (!isExcused(e) || ++failedStarts == MOST_FAILED_STARTS) {
        throw new Violation("RecoveryWorks", "the server does not come back: " + e.getMessage(), e);
      }
      world.disk().switchOff();
      fall();
      return;
    }
    JournalContents contents = JournalContents.read(world.journal());
    world.trace().note("start %d: %d records", starts, contents.last());
    misfortune.started();
    failedStarts = 0;
    checkers.onRecovered(contents, server.ledger());
  }

  /** A start may fail with the machine, or for a fault of the disk that a later one gets over. */
  private boolean isExcused(RuntimeException e) {
    return world.disk().isOff()
        || e instanceof JournalException known
            && EXCUSED.contains(known.reason())
            && misfortune.isOn();
  }

  private void end() {
    for (int i = 0; i < LAST_BLOCKS; i++) {
      world.clock().advance(60_000);
      server.settlement().flush();
      server.runUntilQuiet();
      world.chain().mine(1);
      server.runUntilQuiet();
      lookAtServer();
    }
    settled = server.settlement().state().totals().settled();
    JournalContents contents = JournalContents.read(world.journal());
    checkers.onRecovered(contents, server.ledger());
    checkers.atEnd(contents, server.ledger());
    world
        .trace()
        .note("end: %d records, digest %s", contents.last(), parts.digest(server.ledger()));
  }

  /** What has happened so far. */
  public SimulationReport report() {
    return new SimulationReport(
        1,
        world.market().intents().size(),
        clients.deliveries(),
        answers,
        checkers.receipts(),
        checkers.grants(),
        settled,
        misfortune.counts(chainMoves.reorganizations()),
        misfortune.flipsDetected(),
        world.clock().steps(),
        world.trace().hash());
  }

  @Override
  public void close() {
    try {
      if (server != null) {
        world.disk().switchOff();
        closeServer();
      }
      world.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
