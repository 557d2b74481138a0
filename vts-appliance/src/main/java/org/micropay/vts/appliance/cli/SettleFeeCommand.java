package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vts settle fee}: the operator's own fee rate, or the node's estimate again. */
@Command(
    name = "fee",
    mixinStandardHelpOptions = true,
    description = {
      "Set the fee rate of new batches in place of the node's estimate, over restarts too,",
      "within the configured floor and cap; or go back to the estimate."
    })
final class SettleFeeCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ServerOption server;

  static final class Rate {
    @Option(names = "--rate", paramLabel = "SAT", description = "Satoshi per virtual byte.")
    Double rate;

    @Option(names = "--auto", description = "By the node's estimate.")
    boolean auto;
  }

  @ArgGroup(multiplicity = "1")
  private Rate rate;

  SettleFeeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Map<String, Object> body = new HashMap<>();
    body.put("satPerVbyte", rate.auto ? 0.0 : rate.rate);
    JsonNode settings = SettleClient.post(server, "/v1/settlement/fee", body);
    console.print(json.json ? settings.toPrettyString() : SettleClient.settings(settings));
    return ExitCode.OK.number();
  }
}
