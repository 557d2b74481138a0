package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.micropay.vts.appliance.demo.DemoProgress;
import org.micropay.vts.audit.AuditOptions;
import org.micropay.vts.audit.AuditProgress;
import org.micropay.vts.audit.AuditReport;
import org.micropay.vts.audit.Auditor;
import org.micropay.vts.audit.EarlierState;
import org.micropay.vts.audit.Finding;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.ticket.ProtocolException;
import org.micropay.vts.ticket.PublicKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vts audit}: is this journal what an honest VTS would have written? */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = {
      "Audit a journal: read every record, verify every signature, decide every claim again,",
      "and compare. Works on a running server's journal and on a copy, and never writes.",
      "Where the first records were moved to an archive, name it; without it the audit begins",
      "with the state of a snapshot, and says what it had to trust and could not check.",
      "Keep the --json result: a later audit compares with it (--checkpoint).",
      "Exit status: 0 clean, 1 with findings, 2 not readable."
    })
final class AuditCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private KernelOption kernel;

  @Parameters(paramLabel = "DIR", description = "The journal's folder.")
  private Path journal;

  @Option(
      names = "--archive",
      paramLabel = "DIR",
      description = "Where older files are: journal and archive are audited as one.")
  private Path archive;

  @Option(
      names = "--snapshot",
      paramLabel = "FILE",
      description = {
        "Begin behind this snapshot's record with its state, also where the records before it",
        "are there: much faster, and it trusts what the snapshot says."
      })
  private Path snapshot;

  @Option(
      names = "--vts-key",
      paramLabel = "HEX",
      description = "The VTS's public key that you know, 33 bytes: the journal must be of it.")
  private String vtsKey;

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = {
        "An earlier audit's --json result, a server's anchor (journal.anchor), or a checkpoint",
        "of the public log; the journal must contain it. Repeatable."
      })
  private List<Path> checkpoints = new ArrayList<>();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that verify, 1 to 1024 (default: every core).")
  private int threads = Runtime.getRuntime().availableProcessors();

  AuditCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (threads < 1 || threads > 1024) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--threads " + threads + " is not within 1..1024");
    }
    AuditOptions options =
        new AuditOptions(
            new JournalPlaces(journal, archive),
            Optional.ofNullable(snapshot),
            expectedKey(),
            readCheckpoints(),
            kernel.select(),
            threads);
    AuditReport report;
    try (Bar bar = new Bar(console.progress())) {
      report = Auditor.run(options, bar);
      bar.result =
          "%,d records, %,.0f a second"
              .formatted(report.recordCount(), report.recordCount() / report.seconds());
    } catch (JournalException e) {
      throw new CommandException(ExitCode.UNREADABLE, "UNREADABLE", e.getMessage());
    }
    if (json.json) {
      console.printJson(report);
    } else {
      print(report);
    }
    return (report.clean() ? ExitCode.OK : ExitCode.NEGATIVE).number();
  }

  private Optional<PublicKey> expectedKey() {
    try {
      return Optional.ofNullable(vtsKey).map(PublicKey::fromHex);
    } catch (ProtocolException | IllegalArgumentException e) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--vts-key " + vtsKey + ": " + e.getMessage());
    }
  }

  private List<EarlierState> readCheckpoints() {
    List<EarlierState> read = new ArrayList<>();
    for (Path file : checkpoints) {
      try {
        read.add(EarlierState.read(file));
      } catch (IOException e) {
        throw FileTrouble.unreadable(file, e);
      } catch (IllegalArgumentException e) {
        throw new CommandException(ExitCode.DATA, "CHECKPOINT", e.getMessage());
      }
    }
    return read;
  }

  // ---- for people

  private void print(AuditReport report) {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("journal", report.journal());
    if (!report.archive().isEmpty()) {
      rows.put("archive", report.archive());
    }
    rows.put("network", report.network());
    rows.put("VTS key", report.vtsKey());
    rows.put(
        "records",
        "%,d to %,d, the last of %s"
            .formatted(
                report.firstPosition(),
                report.checkpoint().position(),
                Instant.ofEpochMilli(report.lastTimeMillis())));
    rows.put("end", report.end());
    if (report.trusted() != null) {
      rows.put("trusted", "the state at record %,d in".formatted(report.trusted().position()));
      rows.put("  snapshot", report.trusted().snapshot());
      rows.put("  SHA-256", report.trusted().digest());
      rows.put("  state digest", report.trusted().stateDigest());
    }
    report.records().forEach((type, count) -> rows.put("  " + type, "%,d".formatted(count)));
    rows.put("escrows", "%,d".formatted(report.escrows()));
    rows.put("grants", "%,d".formatted(report.grants()));
    rows.put("double-spends", "%,d".formatted(report.doubleSpends()));
    rows.put("paid claims", "%,d".formatted(report.paidClaims()));
    rows.put("signatures", "%,d verified".formatted(report.signatures()));
    rows.put(
        "decided again",
        report.decidedFrom() == 0
            ? "nothing"
            : "records %,d to %,d".formatted(report.decidedFrom(), report.decidedThrough()));
    rows.put("state digests", "%,d recomputed".formatted(report.stateDigests()));
    rows.put("snapshots", "%,d compared with the replayed state".formatted(report.snapshots()));
    rows.put("log tree heads", "%,d recomputed".formatted(report.treeHeads()));
    rows.put("chain hash", report.checkpoint().chain());
    rows.put(
        "took",
        String.format(
            Locale.ROOT,
            "%.1f s, %d threads, %s kernel",
            report.seconds(),
            report.threads(),
            report.kernel()));
    rows.forEach((name, value) -> console.print("%-18s %s".formatted(name, value)));
    report.notChecked().forEach(line -> console.print("%-18s %s".formatted("NOT CHECKED", line)));
    console.print("");
    for (Finding finding : report.findings()) {
      console.print(
          "%s at record %d: %s%n    %s%n    %s offset %d"
              .formatted(
                  finding.code(),
                  finding.position(),
                  finding.code().meaning(),
                  finding.detail(),
                  finding.file(),
                  finding.offset()));
    }
    console.print(report.clean() ? clean(report) : notClean(report));
  }

  private static String clean(AuditReport report) {
    return report.trusted() == null
        ? "CLEAN: this is what an honest VTS would have written"
        : "CLEAN from record %,d on, if the state at record %,d is what the snapshot says"
            .formatted(report.firstPosition(), report.trusted().position());
  }

  private static String notClean(AuditReport report) {
    return "NOT CLEAN: %d finding%s, the first at record %d"
        .formatted(
            report.findings().size(),
            report.findings().size() == 1 ? "" : "s",
            report.findings().getFirst().position());
  }

  /** The progress bar. */
  private static final class Bar implements AuditProgress, AutoCloseable {
    private final DemoProgress progress;
    private DemoProgress.Step step;
    private long shown;
    private String result = "not readable";

    Bar(DemoProgress progress) {
      this.progress = progress;
    }

    @Override
    public void advanced(long done, long total) {
      if (step == null) {
        step = progress.begin("audit", total);
      }
      step.advance(done - shown);
      shown = done;
    }

    @Override
    public void close() {
      if (step != null) {
        step.done(result);
      }
    }
  }
}
