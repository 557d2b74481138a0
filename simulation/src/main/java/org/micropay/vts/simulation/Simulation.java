package org.micropay.vts.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.pipeline.PipelineConfig;
import org.micropay.vts.settlement.EmbeddedChain;
import org.micropay.vts.settlement.EscrowWatcher;
import org.micropay.vts.settlement.FeeRate;
import org.micropay.vts.settlement.Settlement;
import org.micropay.vts.settlement.SettlementPolicy;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Network;

/**
 * One history of a VTS and the world around it, played from a seed in one thread: clients, network,
 * server, disk, clock and chain take steps in drawn order, and any of them may fail. The same seed
 * plays the same history.
 */
public final class Simulation implements AutoCloseable {
  private static final int CLIENTS = 16;
  private static final int OPEN_AT_ONCE = 48;
  private static final int PATIENCE = 40_000;

  /** Faults hit one start in four; a server that fails this often in a row never comes back. */
  private static final int MAX_FAILED_STARTS = 100;

  private static final int FUND_AT_ONCE = 60;
  private static final long WALLET_COIN = 2_000_000;

  private final SimulationOptions options;
  private final Parts parts;
  private final Path folder;
  private final SplittableRandom random;
  private final SimulatedClock clock = new SimulatedClock();
  private final Trace trace = new Trace(clock);
  private final Wire network;
  private final SimulatedDisk disk;
  private final EmbeddedChain chain;
  private final CryptoSuite crypto;
  private final Market market;
  private final Keys fee = Keys.named("simulated fee wallet");
  private final List<Checker> checkers = new ArrayList<>();
  private final NoDoubleGrant noDoubleGrant = new NoDoubleGrant();
  private final ReplyImpliesDurable replyImpliesDurable = new ReplyImpliesDurable();
  private final EveryClaimAnswered everyClaimAnswered = new EveryClaimAnswered();
  private final LedgerFollowsChain ledgerFollowsChain = new LedgerFollowsChain();
  private final List<Answer> receipts = new ArrayList<>();
  private final List<Intent> open = new ArrayList<>();
  private final SimulatedServer.Environment environment;
  private SimulatedServer server;
  private RuntimeException broken;
  private long steps;
  private long lastProgress;
  private long deliveries;
  private long answers;
  private int starts;
  private int failedStarts;
  private long kills;
  private long powerLosses;
  private long clockJumps;
  private long reorganizations;
  private long flips;
  private long flipsDetected;
  private boolean faults;
  private boolean fundingAtRisk;
  private boolean powerWasLost;
  private long downUntil = -1;

  /** A history that has not begun. */
  public Simulation(SimulationOptions options, Parts parts) {
    this.options = options;
    this.parts = parts;
    this.faults = options.calm() > 0;
    SplittableRandom seeds = new SplittableRandom(options.seed());
    random = seeds.split();
    network = new Wire(seeds.split());
    Keys vts = Keys.named("simulated vts");
    crypto = options.realCrypto() ? new RealCrypto(vts) : new ToyCrypto(vts.publicKey());
    try {
      folder = Files.createTempDirectory(memory(), "vts-simulation-");
      disk = new SimulatedDisk(folder.resolve("disk"), seeds.split(), clock);
      chain = EmbeddedChain.open(folder.resolve("chain"), clock);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    market = new Market(seeds.split(), chain, crypto, vts);
    environment =
        new SimulatedServer.Environment(
            parts,
            disk,
            clock,
            chain,
            crypto,
            vts,
            fee,
            policy(vts),
            pipeline(),
            settlementPolicy(),
            new Ear());
    addCheckers(vts);
    if (!faults) {
      network.heal();
    }
  }

  /** Where files cost no disk: the disk's slowness is simulated too. */
  static Path memory() {
    Path shared = Path.of("/dev/shm");
    return Files.isWritable(shared) ? shared : Path.of(System.getProperty("java.io.tmpdir"));
  }

  private void addCheckers(Keys vts) {
    checkers.add(noDoubleGrant);
    checkers.add(replyImpliesDurable);
    checkers.add(new SameClaimSameReceipt());
    checkers.add(new ReceiptIsSigned(digest -> crypto.sign(vts, digest)));
    checkers.add(new ReplayGivesTheSameDigest(parts));
    checkers.add(everyClaimAnswered);
    checkers.add(ledgerFollowsChain);
    if (options.realCrypto()) {
      checkers.add(
          new SatoshiConserved(() -> server.settlement().state(), Settlement.walletScript(fee)));
    }
  }

  private LedgerPolicy policy(Keys vts) {
    return new LedgerPolicy(
        Network.REGTEST.magic(),
        vts.publicKey(),
        options.claims() + 2 * FUND_AT_ONCE,
        0,
        1 + random.nextInt(2),
        2 + random.nextInt(4),
        600_000,
        LedgerPolicy.MIN_RETIRE_DEPTH,
        1 + random.nextInt(60),
        random.nextLong(),
        random.nextLong());
  }

  private PipelineConfig pipeline() {
    return PipelineConfig.defaults()
        .withRingSize(32 << random.nextInt(3))
        .withShards(1 + random.nextInt(2), 1 + random.nextInt(2))
        .withKernel(1 << random.nextInt(4), 8, 8);
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
      checkers.forEach(checker -> checker.onAnswer(answer, durable));
      network.send(answer);
    }

    @Override
    public void onGrant(Answer grant, long durable) {
      checkers.forEach(checker -> checker.onGrant(grant, durable));
    }

    @Override
    public void onCommand(long position, long durable) {
      checkers.forEach(checker -> checker.onCommand(position, durable));
    }

    @Override
    public void onRefusedAtOnce(Intent intent, AnswerCode code) {
      hear(intent, code);
    }

    @Override
    public void onHalt(String stage, Throwable cause) {
      trace.note("halt of %s: %s", stage, anonymous(cause.getMessage()));
      boolean expected = cause instanceof JournalException || cause instanceof PowerCut;
      if (cause instanceof Violation violation) {
        broken = violation;
      } else if (!expected) {
        broken = new Violation("NoUnexpectedHalt", stage + ": " + cause, cause);
      }
    }
  }

  // ---- the history

  /**
   * Plays it to its end.
   *
   * @throws SimulationFailure when something that must always hold did not
   */
  public SimulationReport run() {
    try {
      begin();
      while (market.intents().size() < options.claims() || !open.isEmpty()) {
        step();
        if (market.intents().size() >= options.claims() && !faultsStopped()) {
          stopFaults();
        }
      }
      end();
      return report();
    } catch (RuntimeException e) {
      throw new SimulationFailure(options, e, trace.lines());
    }
  }

  /** The last events: number, simulated time, event. */
  public List<String> trace() {
    return trace.lines();
  }

  private boolean faultsStopped() {
    return !faults;
  }

  private void begin() {
    chain.mature(2);
    if (options.realCrypto()) {
      for (int i = 0; i < 6; i++) {
        chain.fund(Settlement.walletScript(fee), WALLET_COIN + i);
      }
    }
    market.fund(FUND_AT_ONCE);
    chain.mine(3);
    startServer();
  }

  private void step() {
    steps++;
    clock.advance(random.nextInt(20));
    if (market.intents().size() < options.claims() && open.size() < OPEN_AT_ONCE) {
      newClaim();
    }
    if (random.nextInt(3) == 0) {
      retry();
    }
    if (server == null) {
      if (steps >= downUntil) {
        restart();
      }
      return;
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      deliver();
    }
    for (int i = random.nextInt(6); i > 0; i--) {
      server.step();
    }
    listen();
    if (random.nextInt(12) == 0) {
      register();
    }
    if (random.nextInt(100) == 0) {
      moveChain();
    }
    if (faults) {
      disturb();
    } else {
      everyClaimAnswered.checkPatience(steps - lastProgress, PATIENCE, describeOpen());
    }
    afterServerStep();
  }

  private void newClaim() {
    if (market.freshEscrows() < 10) {
      market.fund(FUND_AT_ONCE);
      chain.mine(1);
      fundingAtRisk = false;
    }
    Intent intent = market.newIntent(random.nextInt(CLIENTS), clock.millis() / 1_000);
    open.add(intent);
    send(intent);
  }

  private void send(Intent intent) {
    intent.sentUntil(steps + 200 + random.nextInt(400));
    network.send(intent);
  }

  private void retry() {
    if (!open.isEmpty()) {
      Intent intent = open.get(random.nextInt(open.size()));
      if (intent.isDue(steps)) {
        send(intent);
      }
    }
  }

  private void deliver() {
    Intent request = network.nextRequest();
    if (request != null) {
      server.deliver(++deliveries, request);
    }
  }

  private void listen() {
    for (int i = random.nextInt(4); i > 0; i--) {
      Answer answer = network.nextAnswer();
      if (answer != null) {
        if (answer.isGrant() && options.realCrypto()) {
          receipts.add(answer);
        }
        hear(answer.intent(), AnswerCode.ofNumber(answer.code()));
      }
    }
  }

  private void hear(Intent intent, AnswerCode code) {
    if (intent.hear(code, steps + 50 + random.nextInt(200))) {
      open.remove(intent);
      lastProgress = steps;
    }
  }

  private void register() {
    for (SimulatedEscrow escrow : market.escrows()) {
      if (escrow.registered) {
        continue;
      }
      if (escrow.asked == null) {
        escrow.asked = server.register(escrow.registration(crypto));
        if (random.nextInt(20) == 0) {
          server.register(
              new SimulatedEscrow(market.otherTerms(escrow), escrow.buyer).registration(crypto));
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
      checkers.forEach(checker -> checker.onRegistered(answer.position()));
    }
    lastProgress = steps;
  }

  // ---- the chain

  private void moveChain() {
    int dice = random.nextInt(100);
    if (dice < 60) {
      chain.mine(1 + random.nextInt(2));
      fundingAtRisk = false;
    } else if (dice < 68) {
      chain.mineEmpty(1, chain.wallet().script());
    } else if (dice < 76) {
      market.refund();
    } else if (dice < 82 && !receipts.isEmpty()) {
      market.release(receipts.get(random.nextInt(receipts.size())));
    } else if (dice < 88 && options.realCrypto() && server != null) {
      server.settlement().flush();
    } else if (dice < 92 && !fundingAtRisk) {
      chain.clearMempool();
    } else if (faults) {
      reorganize();
    }
  }

  private void reorganize() {
    int depth = 1 + random.nextInt(3);
    reorganizations++;
    trace.note("reorganization of %d at %d", depth, chain.tip().height());
    chain.invalidate(depth);
    fundingAtRisk = true;
    if (random.nextBoolean() && server != null && !server.isHalted()) {
      server.step();
    }
    if (random.nextBoolean()) {
      chain.mineEmpty(depth + 1, chain.wallet().script());
      if (server != null && random.nextBoolean()) {
        compareWithChain();
      }
    } else {
      chain.mine(depth + 1);
      fundingAtRisk = false;
    }
  }

  /** While what a reorganization undid is not confirmed again, which would hide what it left. */
  private void compareWithChain() {
    server.runUntilQuiet();
    if (server.settlement().synced() && !server.isHalted() && !disk.isOff()) {
      ledgerFollowsChain.compare(server.ledger(), chain);
    }
  }

  // ---- what goes wrong

  private void disturb() {
    int dice = random.nextInt(options.calm());
    if (dice < 4) {
      trace.note("killed between two steps");
      disk.switchOff();
    } else if (dice < 8) {
      disk.cutAfter(random.nextInt(12));
    } else if (dice < 13) {
      arm(SimulatedDisk.Fault.values()[random.nextInt(SimulatedDisk.Fault.values().length)]);
    } else if (dice < 15) {
      disk.usable(random.nextBoolean() ? 0 : Long.MAX_VALUE);
    } else if (dice < 20) {
      jump();
    }
  }

  /** Without the folder's name, which differs between two runs of a seed. */
  private String anonymous(String message) {
    return String.valueOf(message).replace(folder.toString(), "");
  }

  private void arm(SimulatedDisk.Fault fault) {
    trace.note("armed %s", fault);
    disk.arm(fault);
  }

  private void jump() {
    clockJumps++;
    long by =
        random.nextInt(4) == 0 ? 3_600_000L * (1 + random.nextInt(3)) : random.nextInt(60_000);
    clock.jump(random.nextBoolean() ? by : -by);
    trace.note("clock jumps to %d", clock.millis());
  }

  private void stopFaults() {
    trace.note("faults stop");
    faults = false;
    lastProgress = steps;
    network.heal();
    disk.disarm();
  }

  private void afterServerStep() {
    if (broken != null) {
      throw broken;
    }
    if (server.isHalted() || disk.isOff()) {
      disk.switchOff();
      fall();
    }
  }

  /** The process is gone; its memory and what was on the wire to it as well. */
  private void fall() {
    boolean powerLost = random.nextBoolean();
    powerWasLost |= powerLost;
    trace.note(powerLost ? "power lost" : "process gone");
    kills += powerLost ? 0 : 1;
    powerLosses += powerLost ? 1 : 0;
    Path next = disk.reboot(powerLost);
    closeServer();
    disk.switchOn(next);
    network.disconnect();
    market.escrows().forEach(escrow -> escrow.asked = null);
    downUntil = steps + random.nextInt(60);
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
    if (faults) {
      flip();
      if (random.nextInt(6) == 0) {
        disk.cutAfter(random.nextInt(14));
      } else if (random.nextInt(12) == 0) {
        arm(SimulatedDisk.Fault.values()[random.nextInt(SimulatedDisk.Fault.values().length)]);
      }
    }
    startServer();
    if (server != null) {
      disk.disarm();
    }
  }

  private void startServer() {
    server = new SimulatedServer(environment, random.split(), ++starts);
    try {
      server.start();
    } catch (PowerCut | JournalException e) {
      boolean fault =
          disk.isOff()
              || e instanceof JournalException known
                  && known.reason() != JournalException.Reason.CORRUPT
                  && faults;
      trace.note("start failed: %s", anonymous(e.getMessage()));
      failedStarts++;
      if (!fault || failedStarts > MAX_FAILED_STARTS) {
        throw new Violation("RecoveryWorks", "the server does not come back: " + e.getMessage(), e);
      }
      disk.switchOff();
      fall();
      return;
    }
    failedStarts = 0;
    Path journal = SimulatedServer.journalFolder(disk.root());
    JournalContents contents = JournalContents.read(journal);
    trace.note("start %d: %d records", starts, contents.last());
    powerWasLost = false;
    checkers.forEach(checker -> checker.onRecovered(contents, server.ledger(), journal));
  }

  /** A bit turns while the machine is off: it must be found, or be where nothing stands. */
  private void flip() {
    Path journal = SimulatedServer.journalFolder(disk.root());
    if (random.nextInt(4) != 0 || !Files.exists(journal)) {
      return;
    }
    BitFlip flip = BitFlip.draw(journal, random);
    if (flip == null) {
      return;
    }
    flips++;
    JournalContents before = JournalContents.read(journal);
    flip.apply();
    try {
      JournalContents after = JournalContents.read(journal);
      if (!after.sameAs(before)) {
        requireNoticed(flip, after, journal);
      }
    } catch (JournalException e) {
      flipsDetected++;
    } finally {
      flip.apply();
    }
  }

  /**
   * Damage at the very end looks like an interrupted write, and is reported as one. After a kill
   * the durable mark tells them apart; after a power loss it may be older than the last batch.
   */
  private void requireNoticed(BitFlip flip, JournalContents after, Path journal) {
    if (!after.isTorn()) {
      throw new Violation("FlipIsNamed", flip + " went without a word");
    }
    if (!powerWasLost) {
      replyImpliesDurable.onRecovered(after, null, journal);
    }
    trace.note("flip reported as an interrupted write behind record %d", after.last());
  }

  // ---- the end

  private void end() {
    for (int i = 0; i < 24; i++) {
      clock.advance(60_000);
      server.settlement().flush();
      server.runUntilQuiet();
      chain.mine(1);
      server.runUntilQuiet();
      afterServerStep();
    }
    Path journal = SimulatedServer.journalFolder(disk.root());
    JournalContents contents = JournalContents.read(journal);
    checkers.forEach(checker -> checker.onRecovered(contents, server.ledger(), journal));
    checkers.forEach(checker -> checker.atEnd(contents, server.ledger(), journal, chain));
    trace.note("end: %d records, digest %s", contents.last(), parts.digest(server.ledger()));
  }

  private String describeOpen() {
    return steps - lastProgress < PATIENCE
        ? ""
        : open.stream()
            .limit(5)
            .map(intent -> "claim " + intent.number() + " last told " + intent.last())
            .toList()
            .toString();
  }

  private SimulationReport report() {
    return new SimulationReport(
        1,
        market.intents().size(),
        deliveries,
        answers,
        replyImpliesDurable.count(),
        noDoubleGrant.count(),
        kills,
        powerLosses,
        disk.faults(),
        flips,
        flipsDetected,
        clockJumps,
        reorganizations,
        network.disturbances(),
        server.settlement().state().totals().settled(),
        steps,
        trace.hash());
  }

  @Override
  public void close() {
    try {
      if (server != null) {
        disk.switchOff();
        closeServer();
      }
      disk.close();
      chain.close();
      crypto.close();
      SimulatedDisk.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
