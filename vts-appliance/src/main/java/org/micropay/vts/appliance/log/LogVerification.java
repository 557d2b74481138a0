package org.micropay.vts.appliance.log;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.transparency.Checkpoint;
import org.micropay.vts.transparency.Finding;
import org.micropay.vts.transparency.LeafChecker;
import org.micropay.vts.transparency.LeafView;
import org.micropay.vts.transparency.LogDataException;
import org.micropay.vts.transparency.LogSource;
import org.micropay.vts.transparency.SignedNote;
import org.micropay.vts.transparency.TreeChecker;
import org.micropay.vts.transparency.VerifierKey;

/**
 * Checks a whole public log with nothing but public data: the checkpoint's signatures, every tile,
 * the root, what was seen before, and every leaf's claim down to both signatures.
 */
public final class LogVerification {
  private static final int KEPT = 1000;
  private static final int PROGRESS = 256;

  private LogVerification() {}

  /**
   * What to check, and against what.
   *
   * @param source the log's files
   * @param note its checkpoint
   * @param logKey the log's key
   * @param vtsKey the VTS's key; empty: that of the first leaf
   * @param witnesses whose cosignatures must be there
   * @param earlier checkpoints of the log that were seen before
   * @param bundle a receipt that must be in the log
   */
  public record Request(
      LogSource source,
      SignedNote note,
      VerifierKey logKey,
      Optional<PublicKey> vtsKey,
      List<VerifierKey> witnesses,
      List<Checkpoint> earlier,
      Optional<ReceiptBundle> bundle) {}

  /**
   * What was found.
   *
   * @param checkpoint of the log; as it says, when its signature is missing
   * @param vtsKey whose log it is; empty for a log without leaves
   * @param grants escrows granted
   * @param doubleSpends of them with a double-spend proven
   * @param signatures that were verified
   * @param seconds that it took
   * @param findingCount how much is wrong
   * @param findings the first of it, by leaf
   */
  public record Report(
      Checkpoint checkpoint,
      Optional<PublicKey> vtsKey,
      int grants,
      int doubleSpends,
      long signatures,
      double seconds,
      long findingCount,
      List<Finding> findings) {
    /** Whether nothing is wrong. */
    public boolean isClean() {
      return findingCount == 0;
    }
  }

  /** Collects what is wrong, from several threads; keeps the first ones. */
  private static final class Findings {
    private final AtomicLong count = new AtomicLong();
    private final ConcurrentLinkedQueue<Finding> kept = new ConcurrentLinkedQueue<>();

    void add(Finding finding) {
      if (count.incrementAndGet() <= KEPT) {
        kept.add(finding);
      }
    }

    List<Finding> sorted() {
      return kept.stream().sorted(Comparator.comparingLong(Finding::leaf)).toList();
    }
  }

  /**
   * Runs all checks.
   *
   * @param progress is told how many more leaves are done
   * @throws org.micropay.vts.transparency.MissingFileException when the log lacks a file
   * @throws LogDataException when the checkpoint cannot be read
   * @throws java.io.UncheckedIOException when a file cannot be read
   */
  public static Report run(Request request, Kernel kernel, LongConsumer progress) {
    long start = System.nanoTime();
    Findings findings = new Findings();
    Checkpoint checkpoint = checkpoint(request, findings);
    List<Checkpoint> earlier = new ArrayList<>(request.earlier());
    request.bundle().ifPresent(bundle -> bundle(bundle, request.logKey(), earlier, findings));
    LeafChecker checker = new LeafChecker(request.vtsKey());
    long[] signatures = {0};
    if (findings.kept.stream().anyMatch(f -> f.code() == Finding.Code.BAD_CHECKPOINT)) {
      // Whose tree this is, nobody has said.
      return report(checkpoint, checker, 0, start, findings);
    }
    try (LeafSignatures verifier = new LeafSignatures(kernel, findings::add)) {
      LeafView view = new LeafView();
      new TreeChecker(request.source(), checkpoint, earlier, findings::add)
          .run(
              (index, bytes, offset, length) -> {
                view.wrap(bytes, offset, length);
                Optional<Finding> wrong = checker.check(index, view);
                wrong.ifPresent(findings::add);
                if (wrong.isEmpty()) {
                  verifier.add(index, view.claim());
                  signatures[0] += 2;
                }
                if ((index + 1) % PROGRESS == 0) {
                  progress.accept(PROGRESS);
                }
              });
      verifier.finish();
    }
    return report(checkpoint, checker, signatures[0], start, findings);
  }

  private static Report report(
      Checkpoint checkpoint, LeafChecker checker, long signatures, long start, Findings findings) {
    return new Report(
        checkpoint,
        checker.vtsKey(),
        checker.grants(),
        checker.doubleSpends(),
        signatures,
        (System.nanoTime() - start) / 1e9,
        findings.count.get(),
        findings.sorted());
  }

  private static Checkpoint checkpoint(Request request, Findings findings) {
    Checkpoint unsigned = Checkpoint.parse(request.note().text());
    try {
      Checkpoint.of(request.note(), request.logKey());
    } catch (LogDataException e) {
      findings.add(Finding.ofTree(Finding.Code.BAD_CHECKPOINT, e.getMessage()));
    }
    for (VerifierKey witness : request.witnesses()) {
      try {
        if (request.note().signedBy(witness).isEmpty()) {
          findings.add(
              Finding.ofTree(
                  Finding.Code.BAD_COSIGNATURE,
                  "witness '%s' has not cosigned it".formatted(witness.name())));
        }
      } catch (LogDataException e) {
        findings.add(Finding.ofTree(Finding.Code.BAD_COSIGNATURE, e.getMessage()));
      }
    }
    return unsigned;
  }

  /** A receipt's proof leads to a checkpoint; that one must then be of this log's history. */
  private static void bundle(
      ReceiptBundle bundle, VerifierKey logKey, List<Checkpoint> earlier, Findings findings) {
    try {
      earlier.add(bundle.verify(logKey));
    } catch (LogDataException e) {
      findings.add(new Finding(Finding.Code.NOT_INCLUDED, bundle.proof().index(), e.getMessage()));
    }
  }
}
