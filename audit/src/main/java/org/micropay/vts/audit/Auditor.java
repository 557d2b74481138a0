package org.micropay.vts.audit;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.micropay.vts.journal.FrameRange;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalWalk;
import org.micropay.vts.journal.JournalWalk.Ending;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.ticket.Bytes32;

/**
 * Runs an audit. The calling thread steps over the frames, hands ranges of them to checkers on all
 * cores, and folds the checked ranges in their order:
 *
 * <pre>
 *  walk ──► range ──► checker (frames, chain, digests, signatures) ──┐
 *       ──► range ──► checker                                        ├──► fold (ledger, books)
 *       ──► range ──► checker                                      ──┘    in the journal's order
 * </pre>
 *
 * <p>It reads through read-only mappings, takes no lock and writes nothing. Used once.
 */
public final class Auditor {
  private static final int RANGES_PER_THREAD = 3;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** A range on its way. */
  private static final class Task {
    final FrameRange range = new FrameRange(RangeChecker.FRAMES, RangeChecker.SPAN);
    final RangeResult result = new RangeResult();
    Future<?> done;
  }

  private final AuditOptions options;
  private final AuditProgress progress;
  private final JournalWalk walk;
  private final FindingList findings;
  private final Fold fold;
  private final Beginning beginning;
  private final BlockingQueue<RangeChecker> checkers;
  private final LongAdder checkersNanos = new LongAdder();
  private long signatures;
  private JournalWalk.End end;
  private boolean broken;

  private Auditor(AuditOptions options, AuditProgress progress, Beginning beginning) {
    this.options = options;
    this.progress = progress;
    this.beginning = beginning;
    this.walk = beginning.walk();
    this.findings = beginning.findings();
    this.fold = beginning.fold();
    this.checkers = new ArrayBlockingQueue<>(options.threads());
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
      long cpu = THREADS.getCurrentThreadCpuTime() - cpuStart + auditor.checkersNanos.sum();
      return auditor.report((System.nanoTime() - start) / 1e9, cpu / 1e9);
    } catch (JournalException e) {
      if (e.reason() == JournalException.Reason.CORRUPT) {
        return unreadableHead(options, e, (System.nanoTime() - start) / 1e9);
      }
      throw e;
    }
  }

  private void runThreads() {
    for (int i = 0; i < options.threads(); i++) {
      checkers.add(new RangeChecker(options.kernel()));
    }
    try (ExecutorService threads =
        Executors.newFixedThreadPool(
            options.threads(),
            Thread.ofPlatform().name("audit-", 0).stackSize(Kernel.STACK_BYTES).factory())) {
      Future<List<Finding>> archive = threads.submit(this::checkArchive);
      pump(threads);
      archive.get().forEach(findings::add);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a checker failed: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      throw interrupted(e);
    } finally {
      checkers.forEach(RangeChecker::close);
    }
  }

  private List<Finding> checkArchive() {
    long start = THREADS.getCurrentThreadCpuTime();
    try {
      return beginning.checkArchive();
    } finally {
      checkersNanos.add(THREADS.getCurrentThreadCpuTime() - start);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("the audit was interrupted", e);
  }

  private void pump(ExecutorService threads) throws ExecutionException, InterruptedException {
    Deque<Task> waiting = new ArrayDeque<>();
    List<Task> idle = new ArrayList<>();
    for (int i = 0; i < RANGES_PER_THREAD * options.threads(); i++) {
      idle.add(new Task());
    }
    try {
      while (end == null) {
        while (!idle.isEmpty() && walk.next(idle.getLast().range)) {
          Task task = idle.removeLast();
          task.done = threads.submit(() -> check(task));
          waiting.addLast(task);
        }
        Task next = waiting.pollFirst();
        if (next == null) {
          return;
        }
        next.done.get();
        take(next);
        next.range.release();
        idle.add(next);
      }
    } finally {
      drain(waiting);
    }
  }

  /** The mappings must stay until no checker reads them. */
  private static void drain(Deque<Task> waiting) {
    for (Task task : waiting) {
      try {
        task.done.get();
      } catch (ExecutionException | InterruptedException e) {
        // The audit has ended; what counts is that the checker has.
      }
      task.range.release();
    }
  }

  private void check(Task task) {
    long start = THREADS.getCurrentThreadCpuTime();
    RangeChecker checker = checkers.remove();
    try {
      checker.check(task.range, task.result);
    } finally {
      checkers.add(checker);
      checkersNanos.add(THREADS.getCurrentThreadCpuTime() - start);
    }
  }

  /** Takes a checked range: first the fold, as far as its records can be relied on. */
  private void take(Task task) {
    FrameRange range = task.range;
    int whole = Math.min(range.count(), task.result.firstBroken());
    if (whole < range.count() && !broken && isUnfinishedWrite(task, whole)) {
      return;
    }
    for (int i = 0; i < whole && !broken; i++) {
      fold.take(range, i);
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
    return Math.max(walk.position(), walk.durableMark());
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
    if (!torn || !walk.isLastEpoch(task.range.epoch()) || position <= walk.durableMark()) {
      return false;
    }
    JournalWalk.End found = walk.classify(position, "it is not whole");
    if (found.ending() == Ending.RECORD_MISSING) {
      return false;
    }
    for (int i = 0; i < first; i++) {
      fold.take(task.range, i);
    }
    task.result.findings().stream()
        .filter(finding -> finding.position() < position)
        .forEach(findings::add);
    signatures += task.result.signatures;
    end = found;
    return true;
  }

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
