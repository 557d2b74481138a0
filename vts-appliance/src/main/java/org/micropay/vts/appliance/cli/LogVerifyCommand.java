package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.micropay.vts.appliance.demo.DemoProgress;
import org.micropay.vts.appliance.log.HttpLogSource;
import org.micropay.vts.appliance.log.LogVerification;
import org.micropay.vts.appliance.log.ReceiptBundle;
import org.micropay.vts.appliance.log.RememberedCheckpoint;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.ticket.ProtocolException;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.transparency.Checkpoint;
import org.micropay.vts.transparency.DirectoryFiles;
import org.micropay.vts.transparency.Finding;
import org.micropay.vts.transparency.LogDataException;
import org.micropay.vts.transparency.LogSource;
import org.micropay.vts.transparency.SignedNote;
import org.micropay.vts.transparency.VerifierKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vts log verify}: a whole public log, checked with nothing but public data. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Check a public log: signatures, tiles, root, history, every claim in it.",
      "Needs public data only, and remembers what it has seen for the next time.",
      "Exit code 0: clean; 1: something is wrong; 2: the log cannot be read."
    })
final class LogVerifyCommand implements Callable<Integer> {
  private static final int SHOWN = 20;

  private final Console console;
  @Mixin private JsonOption json;

  @Parameters(
      paramLabel = "URL|DIR",
      description = "The log: an http(s) URL (/log is added to one without a path) or a folder.")
  private String place;

  @Option(
      names = "--log-key",
      paramLabel = "KEY",
      description = "The log's verifier key; needed at the first time, then remembered.")
  private String logKey;

  @Option(
      names = "--vts-key",
      paramLabel = "HEX",
      description = "The VTS's key, which every claim must name (default: the remembered one).")
  private String vtsKey;

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = "An older checkpoint of the log, which this one must be consistent with.")
  private List<Path> checkpoints = List.of();

  @Option(
      names = "--bundle",
      paramLabel = "FILE",
      description = "A receipt with its proof (vts claim --bundle), which must be in the log.")
  private Path bundle;

  @Option(
      names = "--witness",
      paramLabel = "KEY",
      description = "Verifier key of a witness that must have cosigned the checkpoint.")
  private List<String> witnesses = List.of();

  @Option(
      names = "--remember",
      paramLabel = "FILE",
      description = "Where the last clean checkpoint is kept (default: in XDG_STATE_HOME/vts/log).")
  private Path remember;

  @Option(names = "--forgetful", description = "Neither read nor write a remembered checkpoint.")
  private boolean forgetful;

  @Mixin private KernelOption kernel;

  LogVerifyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (Place opened = Place.of(place)) {
      return verify(opened.source);
    } catch (LogDataException e) {
      throw new CommandException(ExitCode.UNREADABLE, "UNREADABLE", place + ": " + e.getMessage());
    } catch (UncheckedIOException e) {
      throw new CommandException(ExitCode.UNREADABLE, "UNREADABLE", e.getCause().getMessage());
    } catch (IOException e) {
      throw new CommandException(ExitCode.UNREADABLE, "UNREADABLE", e.toString());
    }
  }

  /** The log's files, and what has to be closed behind them. */
  private record Place(LogSource source, AutoCloseable closing) implements AutoCloseable {
    static Place of(String place) {
      if (place.startsWith("http://") || place.startsWith("https://")) {
        URI uri = uri(place);
        String path = uri.getPath();
        HttpLogSource source =
            new HttpLogSource(path == null || path.length() <= 1 ? uri.resolve("/log") : uri);
        return new Place(source, source);
      }
      if (!Files.isDirectory(Path.of(place))) {
        throw new CommandException(
            ExitCode.UNREADABLE, "UNREADABLE", place + " is neither a folder nor an http(s) URL");
      }
      return new Place(new DirectoryFiles(Path.of(place)), () -> {});
    }

    private static URI uri(String place) {
      try {
        return URI.create(place);
      } catch (IllegalArgumentException e) {
        throw new CommandException(ExitCode.USAGE, "USAGE", "'" + place + "' is no URL");
      }
    }

    @Override
    public void close() throws IOException {
      try {
        closing.close();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
  }

  private int verify(LogSource source) throws IOException {
    SignedNote note =
        SignedNote.parse(
            source
                .read(LogSource.CHECKPOINT)
                .orElseThrow(() -> new LogDataException("there is no checkpoint")));
    Checkpoint unsigned = Checkpoint.parse(note.text());
    Path memory = remember == null ? RememberedCheckpoint.defaultFile(unsigned.origin()) : remember;
    Optional<RememberedCheckpoint> remembered =
        forgetful ? Optional.empty() : RememberedCheckpoint.read(memory);
    VerifierKey key = logKey(remembered);
    Optional<PublicKey> vts = vtsKey(remembered);
    List<Checkpoint> earlier = new ArrayList<>();
    remembered.ifPresent(r -> earlier.add(r.checkpoint()));
    for (Path file : checkpoints) {
      earlier.add(Checkpoint.of(SignedNote.parse(bytes(file)), key));
    }
    Kernel chosen = kernel.select();
    DemoProgress.Step step = console.progress().begin("checking leaves", unsigned.size());
    LogVerification.Report report =
        LogVerification.run(
            new LogVerification.Request(
                source,
                note,
                key,
                vts,
                witnesses.stream().map(LogVerifyCommand::key).toList(),
                earlier,
                bundle == null
                    ? Optional.empty()
                    : Optional.of(ReceiptBundle.parse(bytes(bundle)))),
            chosen,
            step::advance);
    step.done("%,.0f a second".formatted(unsigned.size() / Math.max(1e-3, report.seconds())));
    report(report, note, key, earlier, chosen);
    if (report.isClean() && !forgetful) {
      new RememberedCheckpoint(key, report.vtsKey().or(() -> vts), note).write(memory);
    }
    return (report.isClean() ? ExitCode.OK : ExitCode.NEGATIVE).number();
  }

  private VerifierKey logKey(Optional<RememberedCheckpoint> remembered) {
    if (logKey != null) {
      VerifierKey given = key(logKey);
      if (remembered.isPresent() && !remembered.get().logKey().equals(given)) {
        throw new CommandException(
            ExitCode.USAGE,
            "USAGE",
            "--log-key is not the one that this log is remembered with, "
                + remembered.get().logKey());
      }
      return given;
    }
    return remembered
        .map(RememberedCheckpoint::logKey)
        .orElseThrow(
            () ->
                new CommandException(
                    ExitCode.USAGE,
                    "USAGE",
                    "--log-key is needed at the first look at a log; the VTS's operator publishes"
                        + " it, and 'vts status' shows it"));
  }

  private Optional<PublicKey> vtsKey(Optional<RememberedCheckpoint> remembered) {
    try {
      return vtsKey == null
          ? remembered.flatMap(RememberedCheckpoint::vtsKey)
          : Optional.of(PublicKey.fromHex(vtsKey));
    } catch (ProtocolException e) {
      throw new CommandException(ExitCode.USAGE, "USAGE", "--vts-key: " + e.getMessage());
    }
  }

  private static VerifierKey key(String text) {
    try {
      return VerifierKey.parse(text);
    } catch (LogDataException e) {
      throw new CommandException(ExitCode.USAGE, "USAGE", e.getMessage());
    }
  }

  private static byte[] bytes(Path file) {
    try {
      if (Files.size(file) > ReceiptBundle.MAX_LENGTH) {
        throw new CommandException(ExitCode.DATA, "TOO_LARGE", file + " is too long");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw FileTrouble.unreadable(file, e);
    }
  }

  private void report(
      LogVerification.Report report,
      SignedNote note,
      VerifierKey key,
      List<Checkpoint> earlier,
      Kernel chosen) {
    if (json.json) {
      console.printJson(document(report, key, earlier, chosen));
      return;
    }
    Checkpoint checkpoint = report.checkpoint();
    line("log", checkpoint.origin());
    line("log key", key.toString());
    line(
        "vts key",
        report.vtsKey().map(PublicKey::toHex).orElse("(no leaf names one)")
            + (vtsKey == null && report.vtsKey().isPresent() ? " (as the leaves say)" : ""));
    line("checkpoint", "%,d leaves, root %s".formatted(checkpoint.size(), checkpoint.root()));
    line("signed by", String.join(", ", note.lines().stream().map(l -> l.name()).toList()));
    line(
        "seen before",
        earlier.isEmpty()
            ? "nothing"
            : String.join(
                ", ", earlier.stream().map(c -> "%,d leaves".formatted(c.size())).toList()));
    line(
        "leaves",
        "%,d escrows granted, %,d double-spends proven"
            .formatted(report.grants(), report.doubleSpends()));
    line(
        "signatures",
        "%,d verified by the %s kernel in %.1f s"
            .formatted(report.signatures(), chosen.name(), report.seconds()));
    for (Finding finding :
        report.findings().subList(0, Math.min(SHOWN, report.findings().size()))) {
      line(
          "FOUND",
          "%s%s: %s"
              .formatted(
                  finding.code(),
                  finding.leaf() < 0 ? "" : " at leaf " + finding.leaf(),
                  finding.detail()));
    }
    console.print(
        report.isClean()
            ? "CLEAN: the log is what its checkpoint says, and every claim in it holds"
            : "NOT CLEAN: %,d finding%s%s"
                .formatted(
                    report.findingCount(),
                    report.findingCount() == 1 ? "" : "s",
                    report.findingCount() > SHOWN ? ", the first %d shown".formatted(SHOWN) : ""));
  }

  private Map<String, Object> document(
      LogVerification.Report report, VerifierKey key, List<Checkpoint> earlier, Kernel chosen) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("clean", report.isClean());
    document.put("origin", report.checkpoint().origin());
    document.put("log_key", key.toString());
    document.put("vts_key", report.vtsKey().map(PublicKey::toHex).orElse(null));
    document.put("size", report.checkpoint().size());
    document.put("root", report.checkpoint().root().toHex());
    document.put("consistent_with", earlier.stream().map(Checkpoint::size).toList());
    document.put("grants", report.grants());
    document.put("double_spends", report.doubleSpends());
    document.put("signatures", report.signatures());
    document.put("kernel", chosen.name());
    document.put("seconds", report.seconds());
    document.put("finding_count", report.findingCount());
    document.put("findings", report.findings());
    return document;
  }

  private void line(String name, String text) {
    console.print("%-12s %s".formatted(name, text));
  }
}
