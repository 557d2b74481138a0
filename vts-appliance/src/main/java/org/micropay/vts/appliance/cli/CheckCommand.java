package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.transparency.Checkpoint;
import org.micropay.vts.transparency.LeafView;
import org.micropay.vts.transparency.LogDataException;
import org.micropay.vts.transparency.TlogProof;
import org.micropay.vts.transparency.VerifierKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vts check}: all of the VTS's checks on a claim, without claiming. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Check a claim as the VTS would, without claiming it.",
      "Offline by default; with --online the VTS is asked about the escrow as well."
    })
final class CheckCommand implements Callable<Integer> {
  private record Finding(String check, boolean passed, String detail) {}

  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ServerOption server;

  @Option(names = "--online", description = "Ask the VTS about the escrow, too.")
  private boolean online;

  @Parameters(
      paramLabel = "FILE",
      description = "The claim: canonical bytes or their base64url; - for standard input.")
  private Path file;

  CheckCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Claim claim = ClaimFile.read(file);
    List<Finding> findings = new ArrayList<>();
    offline(claim, findings);
    if (online) {
      ask(claim, findings);
    }
    boolean passed = findings.stream().allMatch(Finding::passed);
    if (json.json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("claim_id", claim.id().toHex());
      result.put("terms_digest", claim.terms().digest().toHex());
      result.put("passed", passed);
      result.put("checks", findings);
      console.printJson(result);
    } else {
      console.print("claim " + claim.id().toHex());
      console.print("terms " + claim.terms().digest().toHex());
      for (Finding finding : findings) {
        console.print(
            "%-4s %-18s %s".formatted(finding.passed ? "ok" : "NO", finding.check, finding.detail));
      }
    }
    return (passed ? ExitCode.OK : ExitCode.NEGATIVE).number();
  }

  private static void offline(Claim claim, List<Finding> findings) {
    String network =
        Network.ofMagic(claim.terms().network()).map(Network::id).orElse("unknown network");
    findings.add(new Finding("well-formed", true, network + ", " + claim.terms().outpoint()));
    long now = Instant.now().getEpochSecond();
    findings.add(
        new Finding(
            "not expired",
            now <= claim.expiry(),
            Instant.ofEpochSecond(claim.expiry()).toString()));
    findings.add(
        new Finding("commitment opens", claim.commitmentOpens(), claim.commitment().toHex()));
    findings.add(new Finding("wins", claim.wins(), "odds 1/" + claim.terms().odds()));
    byte[] key = claim.terms().buyerKey().toArray();
    findings.add(
        new Finding(
            "ticket signature",
            Ecdsa.verify(claim.ticket().digest().toArray(), claim.sigTicket().toArray(), key),
            "by " + claim.terms().buyerKey()));
    findings.add(
        new Finding(
            "spend signature",
            Ecdsa.verify(claim.spendTemplate().digest().toArray(), claim.sigSpend().toArray(), key),
            "%d satoshi to %s".formatted(claim.terms().payout(), claim.payoutScript())));
  }

  /** Whether the grant is in the server's public log, by a proof that is checked here. */
  private static Finding inLog(VtsHttpClient client, Claim claim) {
    VtsHttpClient.Answer answer = client.get("/v1/proofs/" + claim.id().toHex());
    if (answer.status() != 200) {
      return new Finding("public log", false, answer.detail());
    }
    try {
      VerifierKey key =
          VerifierKey.parse(client.get("/v1/supported").body().path("logKey").asText());
      byte[] leaf = Base64.getUrlDecoder().decode(answer.body().path("leaf").asText());
      TlogProof proof = TlogProof.parse(answer.body().path("proof").asText());
      Checkpoint checkpoint = proof.verify(leaf, key);
      LeafView view = new LeafView().wrap(leaf, 0, leaf.length);
      boolean ours = view.hasForm() && view.claimId().equals(claim.id());
      return new Finding(
          "public log",
          ours,
          ours
              ? "leaf %d of %d, signed by %s"
                  .formatted(proof.index(), checkpoint.size(), key.name())
              : "the proof is for another claim");
    } catch (LogDataException | IllegalArgumentException e) {
      return new Finding("public log", false, e.getMessage());
    }
  }

  private void ask(Claim claim, List<Finding> findings) {
    try (VtsHttpClient client = server.connect()) {
      VtsHttpClient.Answer answer = client.escrow(claim.terms().digest());
      if (answer.status() == 200) {
        JsonNode body = answer.body();
        String state = body.path("state").asText();
        boolean same = claim.id().toHex().equals(body.path("grantedClaimId").asText(""));
        findings.add(
            new Finding(
                "escrow",
                state.equals("LIVE") || same,
                "%s at height %d, %d confirmations%s"
                    .formatted(
                        state,
                        body.path("tipHeight").asInt(),
                        body.path("confirmations").asInt(),
                        same ? "; granted to this very claim" : "")));
        if (same) {
          findings.add(inLog(client, claim));
        }
      } else if (answer.code() == AnswerCode.UNKNOWN_ESCROW) {
        findings.add(new Finding("escrow", false, "not registered under these terms"));
      } else {
        throw new CommandException(
            ExitCode.UNAVAILABLE, answer.code().name(), server.url + ": " + answer.detail());
      }
    } catch (VtsException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", e.getMessage());
    }
  }
}
