package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vts settle pause}: nothing new is signed until it is resumed. */
@Command(
    name = "pause",
    mixinStandardHelpOptions = true,
    description = {
      "Stop making batches, replacements and splits, over restarts too, until it is resumed.",
      "What was sent before is followed and sent again as ever."
    })
final class SettlePauseCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ServerOption server;

  SettlePauseCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    JsonNode settings = SettleClient.post(server, "/v1/settlement/pause", Map.of());
    console.print(json.json ? settings.toPrettyString() : SettleClient.settings(settings));
    return ExitCode.OK.number();
  }
}
