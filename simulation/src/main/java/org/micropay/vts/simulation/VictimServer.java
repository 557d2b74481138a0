package org.micropay.vts.simulation;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.agrona.concurrent.SleepingIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.pipeline.ClaimIngress;
import org.micropay.vts.pipeline.ClaimPipeline;
import org.micropay.vts.pipeline.ClaimSlot;
import org.micropay.vts.pipeline.CommandCompletion;
import org.micropay.vts.pipeline.PipelineConfig;
import org.micropay.vts.pipeline.ReplyPort;
import org.micropay.vts.pipeline.StagePlacement;

/**
 * A process to be killed: the production journal on the real file system, ledger and threaded
 * pipeline, with toy signatures so that it starts in a fraction of a second. Claims come over
 * standard input, answers leave over standard output.
 *
 * <pre>
 *  in    delivery u64 | length u16 | canonical claim
 *  out   delivery u64 | code u32 | position u64 | claim id 32 | signature 64
 *        delivery 0: ready, position says how many escrows are registered
 * </pre>
 */
final class VictimServer {
  static final int JOURNAL_FAILURE = 74;
  static final int CAPACITY = 1 << 15;
  private static final int MORE_ESCROWS = 40;
  private static final long IDLE_NANOS = 50_000;

  private final DataOutputStream out =
      new DataOutputStream(
          new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16));
  private ChronicleJournal journal;
  private ClaimPipeline pipeline;

  private VictimServer() {}

  /** {@code main FOLDER MILLIS}: the journal's folder, and the time that it is. */
  public static void main(String[] arguments) throws Exception {
    // Standard output belongs to the answers; no library may write there.
    System.setOut(new PrintStream(OutputStream.nullOutputStream()));
    try {
      new VictimServer().run(Path.of(arguments[0]), Long.parseLong(arguments[1]));
    } catch (org.micropay.vts.journal.JournalException e) {
      System.err.println("journal: " + e.getMessage());
      Runtime.getRuntime().halt(JOURNAL_FAILURE);
    }
    Runtime.getRuntime().halt(0);
  }

  private void run(Path folder, long millis) throws Exception {
    JournalFold fold = new JournalFold();
    journal = ChronicleJournal.open(JournalPort.config(folder), 1, fold);
    Ledger ledger = JournalPort.configured(fold, journal, TortureEscrows.policy(CAPACITY), millis);
    pipeline = pipeline(ledger);
    pipeline.start();
    register(ledger, millis);
    serve(millis);
    pipeline.close();
    journal.close();
  }

  private ClaimPipeline pipeline(Ledger ledger) {
    ToyCrypto crypto = new ToyCrypto(TortureEscrows.VTS);
    return ClaimPipeline.builder()
        .config(PipelineConfig.defaults().withRingSize(256))
        .ledger(ledger)
        .journal(new JournalPort(journal))
        .verifiers(k -> crypto.verifier())
        .signers(k -> crypto.signer())
        .replyPort(new Replies())
        .haltPort(
            (stage, cause) -> {
              System.err.println(stage + ": " + cause.getMessage());
              Runtime.getRuntime().halt(JOURNAL_FAILURE);
            })
        .placements(
            List.of(
                new StagePlacement(
                    "vts-work",
                    List.of("verify-0", "decide", "sign-0", "reply"),
                    new SleepingIdleStrategy(IDLE_NANOS),
                    () -> {}),
                new StagePlacement(
                    "vts-journal",
                    List.of("journal"),
                    new SleepingIdleStrategy(IDLE_NANOS),
                    () -> {})))
        .build();
  }

  private void register(Ledger ledger, long millis) throws Exception {
    if (!ledger.view().tip().isKnown()) {
      submit(RecordType.BLOCK_CONNECTED, TortureEscrows.block(), millis, CommandCompletion.NONE);
    }
    int from = ledger.view().escrowCount();
    CountDownLatch registered = new CountDownLatch(MORE_ESCROWS);
    for (int i = from; i < from + MORE_ESCROWS; i++) {
      submit(
          RecordType.REGISTER,
          TortureEscrows.registration(i),
          millis,
          (type, code, position) -> registered.countDown());
    }
    registered.await();
    write(0, 0, from + MORE_ESCROWS, new byte[32], new byte[64]);
    synchronized (out) {
      out.flush();
    }
  }

  private void submit(RecordType type, byte[] payload, long millis, CommandCompletion completion) {
    while (!pipeline
        .commands()
        .trySubmit(
            type.number(), millis, new UnsafeBuffer(payload), 0, payload.length, completion)) {
      Thread.onSpinWait();
    }
  }

  private void serve(long millis) throws IOException {
    DataInputStream in = new DataInputStream(new FileInputStream(FileDescriptor.in));
    byte[] claim = new byte[1 << 16];
    try {
      while (true) {
        long delivery = in.readLong();
        int length = in.readUnsignedShort();
        in.readFully(claim, 0, length);
        int code = pipeline.claims().tryPublish(1, delivery, millis, 0, claim, 0, length);
        if (code != ClaimIngress.ACCEPTED) {
          write(delivery, code, 0, new byte[32], new byte[64]);
        }
      }
    } catch (EOFException end) {
      // The other side has no more; what was accepted is answered by close.
    }
  }

  private void write(long delivery, int code, long position, byte[] claimId, byte[] signature)
      throws IOException {
    synchronized (out) {
      out.writeLong(delivery);
      out.writeInt(code);
      out.writeLong(position);
      out.write(claimId);
      out.write(signature);
    }
  }

  private final class Replies implements ReplyPort {
    @Override
    public void onReply(ClaimSlot slot) {
      try {
        write(
            slot.correlationId(),
            slot.code(),
            slot.receiptPosition(),
            slot.claimId(),
            slot.signature());
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public void endOfBatch() {
      try {
        synchronized (out) {
          out.flush();
        }
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
