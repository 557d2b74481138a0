package org.micropay.vts.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Terms;

/** A stepped pipeline with fake kernels, a journal in memory and a checker at its end. */
final class PipelineHarness implements AutoCloseable {
  private static final long TICK_NANOS = 100_000;

  /** A command's answer. */
  record Outcome(int type, int code, long position) {}

  static final PipelineConfig CONFIG =
      PipelineConfig.defaults().withRingSize(256).withShards(2, 2).withKernel(4, 8, 8);

  final LedgerPolicy policy;
  final MemoryJournal journal = new MemoryJournal();
  final ReplyChecker checker = new ReplyChecker(journal);
  final FakeEcdsa.Verifier verifier = new FakeEcdsa.Verifier();
  final List<Throwable> halts = new ArrayList<>();
  final List<String> haltedStages = new ArrayList<>();
  final List<Outcome> outcomes = new ArrayList<>();
  final Ledger ledger;
  final ClaimPipeline pipeline;
  final PipelineStepper stepper;
  private long nextCorrelation = 1;
  long now = TestEscrows.NOW;

  private long nanos;

  PipelineHarness(long seed) {
    this(seed, CONFIG, new FakeEcdsa.Signer(TestEscrows.VTS_KEY.toArray()), 7);
  }

  PipelineHarness(long seed, PipelineConfig config, CounterSigner signer, int digestInterval) {
    policy = TestEscrows.policy(10_000, digestInterval);
    ledger = Ledgers.createConfigured(policy, journal);
    pipeline =
        ClaimPipeline.builder()
            .config(config)
            .ledger(ledger)
            .journal(journal)
            .verifiers(k -> verifier)
            .signers(k -> signer)
            .replyPort(checker)
            .grantPort(checker)
            .haltPort(this::onHalt)
            .nanoClock(this::steppedNanos)
            .build();
    stepper = new PipelineStepper(pipeline, seed);
  }

  private void onHalt(String stage, Throwable cause) {
    checker.onHalt();
    haltedStages.add(stage);
    halts.add(cause);
  }

  /** Connects the tip and registers escrows 0 to {@code count - 1}. */
  PipelineHarness withEscrows(int count) {
    submit(RecordType.BLOCK_CONNECTED, TestEscrows.blockPayload(TestEscrows.TIP));
    stepper.runUntilQuiet();
    for (int i = 0; i < count; i++) {
      register(TestEscrows.terms(i));
    }
    stepper.runUntilQuiet();
    return this;
  }

  void register(Terms terms) {
    submit(RecordType.REGISTER, TestEscrows.registerPayload(terms));
  }

  void submit(RecordType type, byte[] payload) {
    while (!trySubmit(type, payload)) {
      if (stepper.runUntilQuiet() == 0) {
        throw new AssertionError("the ring does not drain: " + halts);
      }
    }
  }

  boolean trySubmit(RecordType type, byte[] payload) {
    return pipeline
        .commands()
        .trySubmit(
            type.number(),
            now,
            new UnsafeBuffer(payload),
            0,
            payload.length,
            (t, code, position) -> outcomes.add(new Outcome(t, code, position)));
  }

  /** Publishes a claim and returns its correlation id; steps when the ring is full. */
  long send(Claim claim) {
    return send(claim.encode());
  }

  long send(byte[] claim) {
    long correlation = nextCorrelation;
    while (trySend(claim) != ClaimIngress.ACCEPTED) {
      if (stepper.runUntilQuiet() == 0) {
        throw new AssertionError("the ring does not drain: " + halts);
      }
    }
    return correlation;
  }

  int trySend(byte[] claim) {
    int code = pipeline.claims().tryPublish(1, nextCorrelation, now, 0, claim, 0, claim.length);
    if (code == ClaimIngress.ACCEPTED) {
      nextCorrelation++;
    }
    return code;
  }

  /** Sends one claim, runs until quiet, and returns the answer. */
  ReplyChecker.Answer ask(Claim claim) {
    return ask(claim.encode());
  }

  ReplyChecker.Answer ask(byte[] claim) {
    long correlation = send(claim);
    stepper.runUntilQuiet();
    return checker.answer(correlation);
  }

  AnswerCode askCode(Claim claim) {
    return AnswerCode.ofNumber(ask(claim).code());
  }

  AnswerCode askCode(byte[] claim) {
    return AnswerCode.ofNumber(ask(claim).code());
  }

  long recordsOf(RecordType type) {
    return journal.entries().stream().filter(entry -> entry.type() == type.number()).count();
  }

  @Override
  public void close() {
    pipeline.close();
    ledger.close();
  }

  /**
   * A clock that moves with each look at it, so that a stepped run depends on its seed alone: the
   * journal lingers for some of these ticks.
   */
  private long steppedNanos() {
    nanos += TICK_NANOS;
    return nanos;
  }
}
