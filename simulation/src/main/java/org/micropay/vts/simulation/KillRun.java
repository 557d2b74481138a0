package org.micropay.vts.simulation;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;

/**
 * Kills a real process with SIGKILL at random instants under load, and compares every answer that
 * it gave with the journal that is left. The next process goes on with that journal.
 *
 * <p>One thread directs; another reads each process's answers.
 */
final class KillRun implements Attack {
  /** A fresh journal after so many kills. */
  private static final int KILLS_PER_JOURNAL = 50;

  private static final int LONGEST_LIFE_MILLIS = 150;
  private static final int START_SECONDS = 120;
  private static final long HOUR = 3_600_000;

  private final Path folder;
  private final long seed;
  private final SplittableRandom random;
  private final TortureCounts counts;
  private final List<Checker> checkers = new ArrayList<>();
  private final List<Intent> intents = new ArrayList<>();
  private final Map<Long, Intent> sent = new ConcurrentHashMap<>();
  private Path journal;
  private int kills;
  private int left;
  private int escrows;
  private long deliveries;
  private long millis = TortureEscrows.NOW;

  KillRun(Path folder, long seed, TortureCounts counts) {
    this.folder = folder;
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.counts = counts;
  }

  @Override
  public String name() {
    return "kills";
  }

  @Override
  public void startOver() {
    left = 0;
  }

  @Override
  public String replay() {
    return "--seed " + seed + " --kills " + kills;
  }

  @Override
  public void once() throws IOException {
    kills++;
    if (left-- <= 0) {
      startJournal();
      left = KILLS_PER_JOURNAL - 1;
    }
    millis += random.nextInt(8) == 0 ? HOUR : random.nextInt(60_000);
    Process process = start();
    List<Answer> answers = new ArrayList<>();
    Thread reader = Thread.ofPlatform().unstarted(() -> read(process, answers));
    try {
      reader.start();
      boolean early = random.nextInt(10) == 0;
      if (early) {
        pause(random.nextInt(600));
      } else {
        awaitReady(process, answers);
        load(process, random.nextInt(LONGEST_LIFE_MILLIS));
      }
    } finally {
      // Through the handle: Process.destroyForcibly would close the streams as well.
      process.toHandle().destroyForcibly();
      join(process, reader);
    }
    counts.kills++;
    compare(answers);
  }

  private void startJournal() {
    if (journal != null) {
      SimulatedDisk.delete(journal);
    }
    journal = folder.resolve("killed-" + kills);
    checkers.clear();
    checkers.add(new NoDoubleGrant());
    checkers.add(new ReplyImpliesDurable());
    checkers.add(new SameClaimSameReceipt());
    checkers.add(new ReceiptIsSigned(digest -> ToyCrypto.sign(TortureEscrows.VTS, digest)));
    intents.clear();
    sent.clear();
    escrows = 0;
  }

  private Process start() throws IOException {
    return new ProcessBuilder(
            ChildProcess.command(
                folder.resolve("classes.jsa"),
                VictimServer.class,
                journal.toString(),
                Long.toString(millis)))
        .redirectError(folder.resolve("victim.log").toFile())
        .start();
  }

  private void awaitReady(Process process, List<Answer> answers) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (true) {
      synchronized (answers) {
        if (!answers.isEmpty()) {
          return;
        }
      }
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new Violation(
            "RecoveryWorks",
            "the process did not come back: "
                + Files.readString(folder.resolve("victim.log")).lines().findFirst().orElse(""));
      }
      pause(1);
    }
  }

  /** Sends claims for a while: new ones, repeats, and second winners. */
  private void load(Process process, int forMillis) throws IOException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(forMillis);
    try {
      DataOutputStream out = new DataOutputStream(process.getOutputStream());
      while (System.nanoTime() < end) {
        for (int i = 1 + random.nextInt(12); i > 0; i--) {
          send(out, random.nextInt(4) == 0 && !intents.isEmpty() ? repeat() : fresh());
        }
        out.flush();
        pause(random.nextInt(3));
      }
    } catch (IOException e) {
      if (process.isAlive()) {
        throw e;
      }
      throw new Violation("NoUnexpectedHalt", "the process ended with " + process.exitValue(), e);
    }
  }

  private Intent repeat() {
    return intents.get(random.nextInt(intents.size()));
  }

  private Intent fresh() {
    int escrow = random.nextInt(escrows + 1);
    Claim claim = TortureEscrows.claim(escrow, random.nextInt(4));
    Intent intent = new Intent(intents.size(), 1, claim.encode(), claim.terms().outpoint(), claim);
    intents.add(intent);
    return intent;
  }

  private void send(DataOutputStream out, Intent intent) throws IOException {
    sent.put(++deliveries, intent);
    out.writeLong(deliveries);
    out.writeShort(intent.bytes().length);
    out.write(intent.bytes());
  }

  private void read(Process process, List<Answer> answers) {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(process.getInputStream()))) {
      byte[] claimId = new byte[Bytes32.LENGTH];
      while (true) {
        long delivery = in.readLong();
        int code = in.readInt();
        long position = in.readLong();
        in.readFully(claimId);
        byte[] signature = new byte[64];
        in.readFully(signature);
        if (delivery == 0) {
          escrows = (int) position;
        }
        synchronized (answers) {
          answers.add(
              new Answer(
                  delivery, sent.get(delivery), code, position, Bytes32.of(claimId), signature));
        }
      }
    } catch (EOFException end) {
      // Killed; an answer that was cut off was not given.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void compare(List<Answer> answers) {
    for (Answer answer : answers) {
      if (answer.delivery() != 0) {
        checkers.forEach(checker -> checker.onAnswer(answer, Long.MAX_VALUE));
        counts.acknowledge(answer.isReceipt() ? 1 : 0, answer.isGrant() ? 1 : 0);
      }
    }
    JournalContents contents;
    try {
      contents = JournalContents.read(journal);
    } catch (JournalException e) {
      if (answers.isEmpty() && e.reason() == JournalException.Reason.NOT_ACCESSIBLE) {
        return; // Killed before there was a journal.
      }
      throw new Violation("RecoveryWorks", e.getMessage(), e);
    }
    checkers.forEach(checker -> checker.onRecovered(contents, null, journal));
    counts.tornEnds += contents.isTorn() ? 1 : 0;
  }

  private static void join(Process process, Thread reader) {
    try {
      process.waitFor();
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a process ends", e);
    }
  }

  private static void pause(int forMillis) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(forMillis));
  }
}
