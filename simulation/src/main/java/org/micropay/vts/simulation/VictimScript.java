package org.micropay.vts.simulation;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.pipeline.ClaimSlot;
import org.micropay.vts.pipeline.CommandCompletion;
import org.micropay.vts.pipeline.PipelineConfig;
import org.micropay.vts.pipeline.ReplyPort;

/**
 * A small complete life of a journal on the real file system, the same each time: opened, written
 * over a roll, closed, opened again, written, closed. The production stages are stepped in one
 * thread, so that the n-th system call of a kind is always the same one.
 *
 * <p>Each receipt leaves at once as a line {@code ESCROW VARIANT CODE POSITION} on standard output.
 */
final class VictimScript {
  static final int ESCROWS = 8;
  private static final int CAPACITY = 64;
  private static final long HOUR = 3_600_000;

  /** What ended the process. */
  private static final class Halted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Halted(String stage, Throwable cause) {
      super(stage + ": " + cause.getMessage(), cause);
    }
  }

  private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
  private final long millis;
  private SteppedPipeline pipeline;
  private Halted halted;

  private VictimScript(long millis) {
    this.millis = millis;
  }

  /** {@code main FOLDER}. */
  public static void main(String[] arguments) {
    // Standard output belongs to the receipts; no library may write there.
    System.setOut(new PrintStream(OutputStream.nullOutputStream()));
    try {
      Path folder = Path.of(arguments[0]);
      new VictimScript(TortureEscrows.NOW).live(folder, 0);
      new VictimScript(TortureEscrows.NOW + 2 * HOUR).live(folder, 1);
    } catch (JournalException | Halted e) {
      System.err.println(e.getMessage());
      Runtime.getRuntime().halt(VictimServer.JOURNAL_FAILURE);
    }
    Runtime.getRuntime().halt(0);
  }

  private void live(Path folder, int variant) {
    JournalFold fold = new JournalFold();
    ChronicleJournal journal = ChronicleJournal.open(JournalPort.config(folder), 1, fold);
    Ledger ledger = JournalPort.configured(fold, journal, TortureEscrows.policy(CAPACITY), millis);
    ToyCrypto crypto = new ToyCrypto(TortureEscrows.VTS);
    SimulatedClock clock = new SimulatedClock();
    pipeline =
        SteppedPipeline.production(
            new SteppedPipeline.Ports(
                PipelineConfig.defaults().withRingSize(64),
                ledger,
                new JournalPort(journal),
                crypto.verifier(),
                crypto.signer(),
                new Receipts(variant),
                slot -> {},
                (stage, cause) -> halted = new Halted(stage, cause),
                clock::nanoTime,
                1));
    if (variant == 0) {
      command(RecordType.BLOCK_CONNECTED, TortureEscrows.block());
      for (int i = 0; i < ESCROWS; i++) {
        command(RecordType.REGISTER, TortureEscrows.registration(i));
      }
    }
    settle();
    for (int i = 0; i < ESCROWS; i++) {
      byte[] claim = TortureEscrows.claim(i, variant).encode();
      // The second half falls into the next hour, and so into another file.
      long time = i < ESCROWS / 2 ? millis : millis + HOUR;
      pipeline.claims().tryPublish(0, i, time, 0, claim, 0, claim.length);
      if (i % 2 == 1) {
        settle();
      }
    }
    journal.close();
  }

  private void command(RecordType type, byte[] payload) {
    pipeline
        .commands()
        .trySubmit(
            type.number(),
            millis,
            new UnsafeBuffer(payload),
            0,
            payload.length,
            CommandCompletion.NONE);
  }

  private void settle() {
    pipeline.runUntilQuiet();
    if (halted != null) {
      throw halted;
    }
  }

  private final class Receipts implements ReplyPort {
    private final int variant;

    Receipts(int variant) {
      this.variant = variant;
    }

    @Override
    public void onReply(ClaimSlot slot) {
      String line =
          "%d %d %d %d%n"
              .formatted(slot.correlationId(), variant, slot.code(), slot.receiptPosition());
      try {
        out.write(line.getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void endOfBatch() {
      // Each line is written at once.
    }
  }
}
