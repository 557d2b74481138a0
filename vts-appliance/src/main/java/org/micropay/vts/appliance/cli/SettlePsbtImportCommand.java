package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code vts settle psbt import}: a batch that the holder signed. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Check a signed PSBT, then settle with it.",
      "Anything but exactly a batch of this VTS's claims and coins is refused."
    })
final class SettlePsbtImportCommand implements Callable<Integer> {
  private static final int MAGIC = 'p';

  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ServerOption server;

  @Parameters(
      paramLabel = "FILE",
      description = "The PSBT, binary or base64; - for standard input.")
  private Path file;

  SettlePsbtImportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    byte[] bytes = ClaimFile.bytes(file, "PSBT", 128 * 1024);
    boolean text = bytes.length > 4 && !(bytes[0] == MAGIC && bytes[4] == (byte) 0xFF);
    String base64 =
        text
            ? new String(bytes, StandardCharsets.US_ASCII).strip()
            : Base64.getEncoder().encodeToString(bytes);
    JsonNode answer =
        OperatorCall.post(server, "/v1/settlement/psbt/import", Map.of("psbt", base64));
    console.print(
        json.json
            ? answer.toPrettyString()
            : "batch " + answer.path("txid").asText() + " is taken");
    return ExitCode.OK.number();
  }
}
