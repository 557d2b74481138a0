package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vts settle run}: what waits goes out now. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {"Send what waits now, without waiting for more claims or a lower fee rate."})
final class SettleRunCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ServerOption server;

  SettleRunCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    JsonNode settings = SettleClient.post(server, "/v1/settlement/run", Map.of());
    console.print(json.json ? settings.toPrettyString() : "asked; see vts settle plan");
    return ExitCode.OK.number();
  }
}
