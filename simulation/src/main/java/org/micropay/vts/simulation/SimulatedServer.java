package org.micropay.vts.simulation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.pipeline.ClaimIngress;
import org.micropay.vts.pipeline.ClaimSlot;
import org.micropay.vts.pipeline.DecisionJournal;
import org.micropay.vts.pipeline.PipelineConfig;
import org.micropay.vts.pipeline.ReplyPort;
import org.micropay.vts.settlement.Chain;
import org.micropay.vts.settlement.EscrowWatcher;
import org.micropay.vts.settlement.FollowerConfig;
import org.micropay.vts.settlement.GrantedClaim;
import org.micropay.vts.settlement.Settlement;
import org.micropay.vts.settlement.SettlementPolicy;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Registration;

/**
 * One process of the VTS from its start to its end: journal, ledger, stages and settlement are the
 * production classes; this is the wiring that the appliance does with threads. One thread.
 */
final class SimulatedServer implements AutoCloseable {
  private static final FollowerConfig FOLLOWER =
      new FollowerConfig(0, 5_000, 4, 144, Optional.empty());
  private static final int CHAIN_STALE = AnswerCode.CHAIN_STALE.number();
  private static final int MOST_ROUNDS = 10_000;

  /** What a server needs of the world around it. */
  record Environment(
      Parts parts,
      SimulatedDisk disk,
      SimulatedClock clock,
      Chain chain,
      CryptoSuite crypto,
      Keys vts,
      Keys fee,
      LedgerPolicy policy,
      PipelineConfig pipeline,
      SettlementPolicy settlement,
      Listener listener) {}

  /** Who hears what leaves the server. */
  interface Listener {
    void onAnswer(Answer answer, long durable);

    void onGrant(Answer grant, long durable);

    void onCommand(long position, long durable);

    void onRefusedAtOnce(Intent intent, AnswerCode code);

    void onHalt(String stage, Throwable cause);
  }

  private final Environment environment;
  private final SplittableRandom random;
  private final int start;
  private final Map<Long, Intent> open = new HashMap<>();
  private final Deque<GrantedClaim> feed = new ArrayDeque<>();
  private ChronicleJournal journal;
  private Ledger ledger;
  private SteppedPipeline pipeline;
  private SimulatedCommands commands;
  private Settlement settlement;
  private boolean gateOpen;
  private boolean halted;

  /** A server that has not started; {@code start} counts the starts. */
  SimulatedServer(Environment environment, SplittableRandom random, int start) {
    this.environment = environment;
    this.random = random;
    this.start = start;
  }

  static Path journalFolder(Path root) {
    return root.resolve("journal");
  }

  /**
   * Recovers and begins to serve.
   *
   * @throws PowerCut when the machine went off meanwhile
   * @throws JournalException when the journal cannot be opened
   */
  void start() {
    Path folder = journalFolder(environment.disk.root());
    environment.parts.beforeOpen(folder);
    JournalFold fold = new JournalFold();
    try {
      journal =
          ChronicleJournal.open(
              JournalPort.config(folder),
              1,
              environment.parts.replay(fold),
              environment.parts.storage(environment.disk));
    } catch (RuntimeException e) {
      fold.close();
      throw e;
    }
    ledger = JournalPort.configured(fold, journal, environment.policy, environment.clock.millis());
    buildPipeline();
    commands =
        new SimulatedCommands(
            pipeline.commands(),
            environment.clock::millis,
            position -> environment.listener.onCommand(position, journal.durablePosition()));
    settlement =
        new Settlement(
            environment.chain,
            environment.parts.commands(commands),
            environment.fee,
            environment.settlement,
            FOLLOWER,
            environment.parts.settlement(fold.settlement()),
            fold.penalty(),
            environment.clock::millis);
    settlement.start(
        fold.recentBlocks(), fold.ledger() == null ? java.util.List.of() : fold.outputs());
    if (environment.crypto.isReal()) {
      fold.grants().forEach(this::signAgain);
    }
  }

  /** Grants whose settlement is not final are signed again, byte for byte the same. */
  private void signAgain(long position, byte[] bytes) {
    if (settlement.state().needs(position)) {
      Bytes32 digest = Claim.decode(bytes).spendTemplate().digest();
      feed.add(
          new GrantedClaim(
              position, bytes, environment.crypto.sign(environment.vts, digest).toArray()));
    }
  }

  private void buildPipeline() {
    DecisionJournal port = environment.parts.journal(new JournalPort(journal));
    pipeline =
        environment.parts.pipeline(
            new SteppedPipeline.Ports(
                environment.pipeline,
                ledger,
                port,
                environment.crypto.verifier(),
                environment.parts.signer(environment.crypto.signer(), start),
                environment.parts.replies(new Replies()),
                this::onGrant,
                this::onHalt,
                environment.clock::nanoTime,
                random.nextLong()));
  }

  private final class Replies implements ReplyPort {
    @Override
    public void onReply(ClaimSlot slot) {
      environment.listener.onAnswer(answer(slot), journal.durablePosition());
    }

    @Override
    public void endOfBatch() {
      // The network has no batches.
    }
  }

  private Answer answer(ClaimSlot slot) {
    return new Answer(
        slot.correlationId(),
        open.get(slot.correlationId()),
        slot.code(),
        slot.receiptPosition(),
        Bytes32.of(slot.claimId()),
        slot.signature().clone());
  }

  private void onGrant(ClaimSlot slot) {
    environment.listener.onGrant(answer(slot), journal.durablePosition());
    if (environment.crypto.isReal()) {
      int from = ClaimSlot.CLAIM_OFFSET;
      byte[] claim = java.util.Arrays.copyOfRange(slot.row(), from, from + slot.claimLength());
      feed.add(new GrantedClaim(slot.receiptPosition(), claim, slot.signature().clone()));
    }
  }

  private void onHalt(String stage, Throwable cause) {
    halted = true;
    environment.listener.onHalt(stage, cause);
  }

  /** A request arrives. */
  void deliver(long delivery, Intent intent) {
    int code = CHAIN_STALE;
    if (gateOpen) {
      open.put(delivery, intent);
      code =
          pipeline
              .claims()
              .tryPublish(
                  intent.client(),
                  delivery,
                  environment.clock.millis(),
                  0,
                  intent.bytes(),
                  0,
                  intent.bytes().length);
    }
    if (code != ClaimIngress.ACCEPTED) {
      open.remove(delivery);
      environment.listener.onRefusedAtOnce(intent, AnswerCode.ofNumber(code));
    }
  }

  /** Asks to register; empty when the server is not there to be asked. */
  CompletableFuture<EscrowWatcher.Answer> register(Registration registration) {
    return settlement.register(registration, "simulated");
  }

  /** One step of something. */
  void step() {
    int dice = random.nextInt(16);
    if (dice == 0) {
      stepSettlement();
    } else if (dice == 1) {
      commands.pump();
    } else {
      pipeline.step();
    }
  }

  /** One step of the settlement thread. */
  void stepSettlement() {
    if (halted) {
      return;
    }
    if (settlement.synced()) {
      gateOpen = true;
    } else if (ledger.view().isChainStale(environment.clock.millis())) {
      gateOpen = false;
    }
    for (int i = random.nextInt(8); i > 0 && !feed.isEmpty(); i--) {
      if (settlement.submit(feed.peekFirst())) {
        feed.removeFirst();
      }
    }
    settlement.doWork();
    commands.pump();
  }

  /** Runs until nothing is left to do at this time, which must come. */
  void runUntilQuiet() {
    int idle = 0;
    for (int round = 0; idle < 3 && !halted; round++) {
      if (round == MOST_ROUNDS) {
        throw new Violation("BecomesQuiet", "still busy after " + round + " rounds at one instant");
      }
      pipeline.runUntilQuiet();
      int work = commands.pump() + feed.size();
      feed.removeIf(settlement::submit);
      work += settlement.doWork();
      gateOpen |= settlement.synced();
      idle = work == 0 ? idle + 1 : 0;
    }
  }

  boolean isHalted() {
    return halted;
  }

  Ledger ledger() {
    return ledger;
  }

  ChronicleJournal journal() {
    return journal;
  }

  Settlement settlement() {
    return settlement;
  }

  /**
   * Gives memory and locks of a dead server back; its disk must be off, so that nothing of this
   * reaches it.
   */
  @Override
  public void close() throws IOException {
    if (pipeline != null) {
      pipeline.close();
    }
    if (journal != null) {
      try {
        journal.close();
      } catch (JournalException | PowerCut e) {
        // It cannot sync any more; that is how it died.
      }
    }
    if (ledger != null) {
      ledger.close();
    }
  }
}
