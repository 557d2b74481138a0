package org.micropay.vts.appliance.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Receipt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ServerOption server;

  @Parameters(
      paramLabel = "FILE",
      description = "The claim: canonical bytes or their base64url; - for standard input.")
  private Path file;

  ClaimCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Claim claim = ClaimFile.read(file);
    ClaimReply reply;
    try (VtsHttpClient client = server.connect()) {
      reply = client.claim(claim);
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

  private static Receipt receipt(Claim claim, ClaimReply reply) {
    return new Receipt(claim.id(), reply.code(), reply.position(), reply.counterSignature());
  }
}
