package org.micropay.vts.appliance.cli;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.micropay.vts.affinity.StagePlan;
import org.micropay.vts.affinity.ThreadPlan;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.appliance.server.ThreadPlanning;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vts topology}: which stage would run on which core of this machine. */
@Command(
    name = "topology",
    mixinStandardHelpOptions = true,
    description = "Show this machine's cores and which stage would run where.")
final class TopologyCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ConfigOption config;

  TopologyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    ApplianceConfig settings =
        Files.exists(config.path) ? config.read().config() : ApplianceConfig.defaults();
    StagePlan plan = ThreadPlanning.plan(settings.threads());
    if (!json.json) {
      console.print(plan.explain().stripTrailing());
      return ExitCode.OK.number();
    }
    List<Map<String, Object>> threads = new ArrayList<>();
    for (ThreadPlan thread : plan.threads()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("name", thread.name());
      row.put("cpu", thread.pinned() ? thread.cpu() : null);
      row.put("idle", thread.idle().name().toLowerCase(java.util.Locale.ROOT));
      row.put("stages", thread.stages().stream().map(Object::toString).toList());
      threads.add(row);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("topology", plan.topology().describe());
    result.put("threads", threads);
    result.put("shared_cpus", plan.sharedCpus());
    console.printJson(result);
    return ExitCode.OK.number();
  }
}
