package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vts settle resume}: the end of a pause. */
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    description = {"Go on after a pause."})
final class SettleResumeCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ServerOption server;

  SettleResumeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    JsonNode settings = SettleClient.post(server, "/v1/settlement/resume", Map.of());
    console.print(json.json ? settings.toPrettyString() : SettleClient.settings(settings));
    return ExitCode.OK.number();
  }
}
