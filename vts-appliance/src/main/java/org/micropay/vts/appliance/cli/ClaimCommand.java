package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.micropay.vts.appliance.log.ReceiptBundle;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Receipt;
import org.micropay.vts.transparency.LogDataException;
import org.micropay.vts.transparency.VerifierKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vts claim}: sends one claim and prints the receipt. Safe to repeat. */
@Command(
    name = "claim",
    mixinStandardHelpOptions = true,
    description = {
      "Send a winning ticket to a VTS and print its receipt.",
      "The same claim always gets the same answer, so it is safe to repeat.",
      "Keep what --json prints for a grant: 'vts release' settles it without the VTS."
    })
final class ClaimCommand implements Callable<Integer> {
  private static final long POLL_NANOS = 250_000_000;

  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ServerOption server;

  @Parameters(
      paramLabel = "FILE",
      description = "The claim: canonical bytes or their base64url; - for standard input.")
  private Path file;

  @Option(
      names = "--bundle",
      paramLabel = "FILE",
      description = "Wait until the public log covers the grant, then keep receipt and proof here.")
  private Path bundle;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long --bundle waits (default: ${DEFAULT-VALUE}).")
  private int waitSeconds;

  ClaimCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Claim claim = ClaimFile.read(file);
    ClaimReply reply;
    try (VtsHttpClient client = server.connect()) {
      reply = client.claim(claim);
      if (bundle != null && reply.isGranted()) {
        keepBundle(client, claim);
      }
    } catch (VtsException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", e.getMessage());
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("code", reply.code().name());
    result.put("claim_id", claim.id().toHex());
    result.put("position", reply.position());
    reply.counterSignature().ifPresent(s -> result.put("counter_signature", s.toHex()));
    if (json.json && reply.isGranted()) {
      result.put("receipt", receipt(claim, reply).toBase64Url());
      result.put("claim", claim.toBase64Url());
    }
    if (bundle != null && reply.isGranted()) {
      result.put("bundle", bundle.toString());
    }
    if (reply.code().retryable()) {
      result.put("retry_after_millis", reply.retryAfterMillis());
    }
    if (json.json) {
      console.printJson(result);
    } else {
      result.forEach((name, value) -> console.print("%-18s %s".formatted(name, value)));
      if (!reply.isGranted()) {
        console.note("vts: " + reply.code().text());
      }
    }
    if (reply.isGranted()) {
      return ExitCode.OK.number();
    }
    return (reply.code().retryable() ? ExitCode.TRY_AGAIN : ExitCode.NEGATIVE).number();
  }

  /** The same claim again, until its answer brings the proof; checked before it is kept. */
  private void keepBundle(VtsHttpClient client, Claim claim) {
    VerifierKey logKey =
        VerifierKey.parse(client.get("/v1/supported").body().path("logKey").asText());
    long deadline = System.nanoTime() + waitSeconds * 1_000_000_000L;
    while (true) {
      JsonNode answer = client.post("/v1/claims", Map.of("claim", claim.toBase64Url())).body();
      if (answer.has("inclusion")) {
        write(answer.toPrettyString(), logKey);
        return;
      }
      if (System.nanoTime() - deadline >= 0) {
        throw new CommandException(
            ExitCode.TRY_AGAIN,
            "NOT_COVERED",
            "granted, but no checkpoint of the log covers it after %d s; claim again later"
                .formatted(waitSeconds));
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private void write(String document, VerifierKey logKey) {
    byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
    try {
      ReceiptBundle.parse(bytes).verify(logKey);
      Files.write(bundle, bytes);
    } catch (LogDataException e) {
      throw new CommandException(
          ExitCode.NEGATIVE, "BAD_PROOF", "the server's proof does not hold: " + e.getMessage());
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE, "CANNOT_CREATE", bundle + ": " + e.getMessage());
    }
  }

  private static Receipt receipt(Claim claim, ClaimReply reply) {
    return new Receipt(claim.id(), reply.code(), reply.position(), reply.counterSignature());
  }
}
