package org.micropay.vts.audit;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.micropay.vts.journal.FrameRange;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalWalk;
import org.micropay.vts.journal.JournalWalk.Ending;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.ticket.Bytes32;

/**
 * Runs an audit. Each thread takes the next range of frames, checks it, and then folds whatever has
 * been checked and is next in the journal's order; so what is folded is mostly what the same core
 * has just read, and no thread waits for another while there is something to do:
 *
 * <pre>
 *  walk ──► range ──► check (frames, chain, digests, signatures) ──┐
 *       ──► range ──► check                                        ├──► fold (ledger, books), one
 *       ──► range ──► check                                      ──┘    thread at a time, in order
 * </pre>
 *
 * <p>It reads through read-only mappings, takes no file lock and writes nothing. Used once.
 */
public final class Auditor {
  private static final int TASKS_PER_THREAD = 2;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final AuditOptions options;
  private final AuditProgress progress;
  private final Beginning beginning;
  private final FindingList findings;

  /** Guards the walk and what follows, down to the fold's. */
  private final Object lock = new Object();

  private final JournalWalk walk;
  private final Deque<Task> idle = new ArrayDeque<>();
  private final Deque<Task> inOrder = new ArrayDeque<>();
  private final List<Finding> archiveFindings = new ArrayList<>();
  private boolean walked;
  private boolean folding;
  private JournalWalk.End end;
  private Throwable failure;
  private long cpuNanos;

  // The fold's: of the thread that has set folding.
  private final Fold fold;
  private long signatures;
  private boolean broken;
  private long marked;

  private Auditor(AuditOptions options, AuditProgress progress, Beginning beginning) {
    this.options = options;
    this.progress = progress;
    this.beginning = beginning;
    this.walk = beginning.walk();
    this.findings = beginning.findings();
    this.fold = beginning.fold();
  }

  /**
   * Audits a journal.
   *
   * @throws JournalException NOT_ACCESSIBLE or IO when the folder holds no journal or cannot be
   *     read, or a checkpoint lies before every record that is there; damage is a finding, not an
   *     exception
   */
  public static AuditReport run(AuditOptions options, AuditProgress progress) {
    long start = System.nanoTime();
    long cpuStart = THREADS.getCurrentThreadCpuTime();
    try (Beginning beginning = Beginning.of(options)) {
      Auditor auditor = new Auditor(options, progress, beginning);
      auditor.runThreads();
      auditor.finish();
      long cpu = THREADS.getCurrentThreadCpuTime() - cpuStart + auditor.cpuNanos;
      return auditor.report((System.nanoTime() - start) / 1e9, cpu / 1e9);
    } catch (JournalException e) {
      if (e.reason() == JournalException.Reason.CORRUPT) {
        return unreadableHead(options, e, (System.nanoTime() - start) / 1e9);
      }
      throw e;
    }
  }

  // ---- threads

  private void runThreads() {
    List<Task> tasks = new ArrayList<>();
    marked = durableMark();
    try {
      for (int i = 0; i < TASKS_PER_THREAD * options.threads(); i++) {
        tasks.add(new Task(options.kernel()));
      }
      idle.addAll(tasks);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < options.threads(); i++) {
        threads.add(start("audit-" + i, this::work));
      }
      threads.add(start("audit-archive", this::checkArchive));
      join(threads);
    } finally {
      // No thread runs any more.
      inOrder.forEach(task -> task.range.release());
      tasks.forEach(Task::close);
    }
    if (failure != null) {
      throw failure instanceof JournalException e
          ? e
          : new IllegalStateException("an audit thread failed: " + failure, failure);
    }
    archiveFindings.forEach(findings::add);
  }

  private Thread start(String name, Runnable body) {
    return Thread.ofPlatform()
        .name(name)
        .stackSize(Kernel.STACK_BYTES)
        .start(
            () -> {
              try {
                body.run();
              } catch (Throwable e) {
                fail(e);
              }
              synchronized (lock) {
                cpuNanos += THREADS.getCurrentThreadCpuTime();
              }
            });
  }

  private void fail(Throwable e) {
    synchronized (lock) {
      failure = failure == null ? e : failure;
      lock.notifyAll();
    }
  }

  private void join(List<Thread> threads) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
          fail(new IllegalStateException("the audit was interrupted", e));
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void checkArchive() {
    archiveFindings.addAll(beginning.checkArchive());
  }

  /** Checks and folds until nothing is left. */
  private void work() {
    for (Task task = next(); task != null; task = next()) {
      if (task.checked) {
        fold(task);
      } else {
        task.check();
        synchronized (lock) {
          task.checked = true;
          if (inOrder.peekFirst() == task) {
            lock.notifyAll();
          }
        }
      }
    }
  }

  /**
   * What to do next: first the range that is to be folded, if it was checked, then one to check;
   * null when all is done. Waits while others have it all.
   */
  private Task next() {
    synchronized (lock) {
      while (failure == null) {
        Task first = inOrder.peekFirst();
        if (!folding && first != null && first.checked) {
          folding = true;
          return first;
        }
        if (!walked && !idle.isEmpty()) {
          if (walk.next(idle.peekLast().range)) {
            Task task = idle.removeLast(); // the last one used is still in the cache
            task.checked = false;
            inOrder.addLast(task);
            return task;
          }
          walked = true;
        }
        if (walked && inOrder.isEmpty()) {
          lock.notifyAll();
          return null;
        }
        try {
          lock.wait();
        } catch (InterruptedException e) {
          failure = e;
        }
      }
      return null;
    }
  }

  private void fold(Task task) {
    take(task);
    synchronized (lock) {
      inOrder.removeFirst();
      task.range.release();
      idle.addLast(task);
      folding = false;
      if (end != null) {
        walked = true; // the journal ends here
      }
      lock.notifyAll();
    }
  }

  /** Takes a checked range: first the fold, as far as its records can be relied on. */
  private void take(Task task) {
    FrameRange range = task.range;
    if (end != null) {
      return;
    }
    int whole = Math.min(range.count(), task.result.firstBroken());
    if (whole < range.count() && !broken && isUnfinishedWrite(task, whole)) {
      return;
    }
    if (!broken) {
      fold.take(range, task.checker, whole);
    }
    if (whole < range.count()) {
      broken = true;
      fold.stop();
    }
    task.result.findings().forEach(findings::add);
    signatures += task.result.signatures;
    progress.advanced(range.position(range.count() - 1), total());
  }

  private long total() {
    synchronized (lock) {
      return Math.max(walk.position(), marked);
    }
  }

  /** As it is at the start, for the progress only: each look at it opens the epoch's file. */
  private long durableMark() {
    try {
      return walk.durableMark();
    } catch (JournalException e) {
      return 0; // the newest head is damaged; the walk will name it
    }
  }

  /**
   * Whether the broken frame is the rest of a write that was interrupted and never acknowledged;
   * then the journal ends before it.
   */
  private boolean isUnfinishedWrite(Task task, int first) {
    long position = task.range.position(first);
    boolean torn =
        task.result.findings().stream()
            .anyMatch(
                finding ->
                    finding.position() == position
                        && finding.code().number() <= AuditFinding.FRAME_VERSION.number());
    JournalWalk.End found;
    synchronized (lock) {
      if (!torn || !walk.isLastEpoch(task.range.epoch()) || position <= walk.durableMark()) {
        return false;
      }
      found = walk.classify(position, "it is not whole");
    }
    if (found.ending() == Ending.RECORD_MISSING) {
      return false;
    }
    fold.take(task.range, task.checker, first);
    task.result.findings().stream()
        .filter(finding -> finding.position() < position)
        .forEach(findings::add);
    signatures += task.result.signatures;
    synchronized (lock) {
      end = found;
    }
    return true;
  }

  // ---- the end

  private void finish() {
    if (end == null) {
      end = walk.end();
    }
    AuditFinding code =
        switch (end.ending()) {
          case RECORD_MISSING -> AuditFinding.RECORD_MISSING;
          case EPOCH_HEAD -> AuditFinding.EPOCH_HEAD;
          default -> null;
        };
    if (code != null) {
      findings.add(new Finding(code, end.position(), end.file(), end.offset(), end.text()));
    }
    if (!broken) {
      fold.end(end.file(), walk.isLive());
    }
  }

  private AuditReport report(double seconds, double cpuSeconds) {
    return new AuditReport(
        options.journal().toString(),
        archive(options),
        findings.isEmpty(),
        fold.network(),
        fold.vtsKey(),
        walk.firstPosition(),
        beginning.trusted(),
        beginning.notChecked(),
        new AuditReport.LastRecord(fold.lastPosition(), fold.lastChain().toHex()),
        fold.decisions().from(),
        fold.decisions().through(),
        fold.lastTime(),
        walk.isLive(),
        end.text(),
        fold.counts(),
        fold.grants().escrows(),
        fold.grants().grants(),
        fold.grants().proofs(),
        fold.payments().confirmed(),
        signatures,
        fold.counts().getOrDefault("STATE_DIGEST", 0L),
        fold.comparedSnapshots(),
        fold.log().checked(),
        findings.sorted(),
        options.kernel().name(),
        options.threads(),
        seconds,
        cpuSeconds);
  }

  private static String archive(AuditOptions options) {
    return options.places().archive() == null ? "" : options.places().archive().toString();
  }

  /** The very first head is damaged: nothing can be read, and that is a finding. */
  private static AuditReport unreadableHead(
      AuditOptions options, JournalException e, double seconds) {
    Finding finding = new Finding(AuditFinding.EPOCH_HEAD, 1, e.file(), e.offset(), e.getMessage());
    return new AuditReport(
        options.journal().toString(),
        archive(options),
        false,
        "",
        "",
        1,
        null,
        List.of(),
        new AuditReport.LastRecord(0, Bytes32.ZERO.toHex()),
        0,
        0,
        0,
        false,
        "nothing could be read",
        Map.of(),
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        List.of(finding),
        options.kernel().name(),
        options.threads(),
        seconds,
        0);
  }
}
