package org.micropay.vts.appliance.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.micropay.vts.appliance.demo.DemoProgress;
import org.micropay.vts.appliance.server.EvidenceReader;
import org.micropay.vts.appliance.server.EvidenceReader.Selector;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.merchant.EvidenceFile;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.DoubleSpendEvidence;
import org.micropay.vts.ticket.Outpoint;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vts evidence export}: the evidence of one double-spend, from the journal. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Write the evidence of one double-spend as a self-contained JSON file.",
      "It is read from the journal, also of a running server; no key is needed."
    })
final class EvidenceExportCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private JournalOption journal;

  @Parameters(
      paramLabel = "POSITION|ESCROW",
      description =
          "Journal position of the proof or the grant, TXID:VOUT of the escrow, or terms digest.")
  private String which;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write to a new file (default: standard output).")
  private Path out;

  EvidenceExportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Selector selector = selector();
    JournalPlaces places = journal.places();
    DemoProgress.Step step = console.progress().begin("read the journal", 0);
    Optional<DoubleSpendEvidence> evidence;
    try {
      evidence = EvidenceReader.find(places, selector, position -> {});
    } catch (JournalException e) {
      throw JournalErrors.of(e);
    } catch (IllegalStateException e) {
      throw new CommandException(ExitCode.NEGATIVE, "INCOMPLETE", e.getMessage());
    }
    if (evidence.isEmpty()) {
      throw new CommandException(
          ExitCode.NEGATIVE,
          "NO_DOUBLE_SPEND",
          "the journal in %s holds no double-spend '%s'".formatted(places.journal(), which));
    }
    step.done("double-spend at record " + evidence.get().second().position());
    write(EvidenceFile.write(evidence.get()));
    return ExitCode.OK.number();
  }

  private Selector selector() {
    try {
      if (which.matches("[0-9]{1,18}")) {
        return new Selector.AtPosition(Long.parseLong(which));
      }
      if (which.matches("[0-9a-f]{64}:[0-9]{1,9}")) {
        String[] parts = which.split(":");
        return new Selector.OnOutpoint(
            new Outpoint(Bytes32.fromReversedHex(parts[0]), Integer.parseInt(parts[1])));
      }
      return new Selector.UnderTerms(Bytes32.fromHex(which));
    } catch (RuntimeException e) {
      throw new CommandException(
          ExitCode.USAGE,
          "USAGE",
          "'" + which + "' is no journal position, no TXID:VOUT and no terms digest");
    }
  }

  private void write(byte[] file) {
    if (out == null) {
      console.print(new String(file, java.nio.charset.StandardCharsets.UTF_8));
      return;
    }
    NewFile.write(out, file);
    if (json.json) {
      console.printJson(java.util.Map.of("out", out.toString(), "bytes", file.length));
    }
  }
}
