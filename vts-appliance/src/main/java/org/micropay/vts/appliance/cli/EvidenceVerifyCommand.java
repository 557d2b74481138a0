package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.micropay.vts.merchant.EvidenceFile;
import org.micropay.vts.ticket.DoubleSpendEvidence;
import org.micropay.vts.ticket.DoubleSpendEvidence.Finding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code vts evidence verify}: checks a file with nothing but the protocol's rules. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Check the evidence of a double-spend offline.",
      "Exit code 0: it is a proof; 1: it is none, with the reason; 2: it cannot be read."
    })
final class EvidenceVerifyCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;

  @Parameters(paramLabel = "FILE", description = "The evidence; - for standard input.")
  private Path file;

  EvidenceVerifyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    DoubleSpendEvidence evidence = read();
    List<Finding> findings = EvidenceFile.check(evidence);
    boolean proof = findings.stream().allMatch(Finding::passed);
    if (json.json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("proof", proof);
      result.put("escrow", evidence.terms().outpoint().toString());
      result.put("buyer_key", evidence.terms().buyerKey().toHex());
      result.put("vts_key", evidence.terms().vtsKey().toHex());
      result.put("granted_claim", evidence.grant().claim().id().toHex());
      result.put("second_claim", evidence.second().claim().id().toHex());
      evidence
          .registration()
          .deposit()
          .ifPresent(deposit -> result.put("deposit", deposit.outpoint().toString()));
      result.put("checks", findings);
      console.printJson(result);
    } else {
      console.print("escrow " + evidence.terms().outpoint());
      console.print("buyer  " + evidence.terms().buyerKey());
      for (Finding finding : findings) {
        console.print(
            "%-4s %-31s %s"
                .formatted(finding.passed() ? "ok" : "NO", finding.check(), finding.detail()));
      }
      console.print(
          proof
              ? "PROOF: the buyer signed two winning tickets on one escrow"
              : "NO PROOF: " + reason(findings));
    }
    return (proof ? ExitCode.OK : ExitCode.NEGATIVE).number();
  }

  private static String reason(List<Finding> findings) {
    Finding first = findings.stream().filter(f -> !f.passed()).findFirst().orElseThrow();
    return first.check() + " does not hold (" + first.detail() + ")";
  }

  private DoubleSpendEvidence read() {
    try (InputStream in = file.toString().equals("-") ? System.in : Files.newInputStream(file)) {
      return EvidenceFile.read(in.readNBytes(EvidenceFile.MAX_LENGTH + 1));
    } catch (NoSuchFileException e) {
      throw unreadable("NO_INPUT", "does not exist; name the evidence's file, or -");
    } catch (IOException e) {
      throw unreadable("NO_INPUT", "cannot be read: " + e.getMessage());
    } catch (EvidenceFile.UnreadableException e) {
      throw unreadable("MALFORMED", "is no evidence: " + e.getMessage());
    }
  }

  private CommandException unreadable(String code, String what) {
    return new CommandException(ExitCode.UNREADABLE, code, file + " " + what);
  }
}
