package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vts settle psbt export}: the next batch, to be signed. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Write the next batch as a PSBT for the fee wallet's holder.",
      "The escrows' inputs are final; only the fee inputs are to be signed."
    })
final class SettlePsbtExportCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ServerOption server;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "New file for the PSBT: binary, or base64 when it ends with .txt.")
  private Path out;

  @Option(
      names = "--replace",
      paramLabel = "BATCH",
      description = "Make a replacement with a higher fee for a batch that waits.")
  private int replaced;

  SettlePsbtExportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    JsonNode answer =
        OperatorCall.post(server, "/v1/settlement/psbt/export", Map.of("replace", replaced));
    String base64 = answer.path("psbt").asText();
    NewFile.write(
        out,
        out.toString().endsWith(".txt")
            ? (base64 + "\n").getBytes(StandardCharsets.US_ASCII)
            : Base64.getDecoder().decode(base64));
    ((ObjectNode) answer).remove("psbt");
    ((ObjectNode) answer).put("out", out.toString());
    if (json.json) {
      console.print(answer.toPrettyString());
    } else {
      answer
          .properties()
          .forEach(
              one -> console.print("%-11s %s".formatted(one.getKey(), one.getValue().asText())));
      console.note("vts: sign it with the cold wallet, then: vts settle psbt import FILE");
    }
    return ExitCode.OK.number();
  }
}
