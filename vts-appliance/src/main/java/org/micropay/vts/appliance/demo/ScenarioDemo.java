package org.micropay.vts.appliance.demo;

import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.micropay.vts.settlement.ChainException;
import org.micropay.vts.settlement.DevChain;
import org.micropay.vts.settlement.EmbeddedChain;
import org.micropay.vts.settlement.Scenario;

/**
 * Plays settlement's scenarios one after the other on one private chain. Everything it starts ends
 * with it: on success, on failure, and when the JVM is told to stop. One thread.
 */
public final class ScenarioDemo {
  private static final int MATURE_COINS = 20;

  private final DemoOptions.ChainKind kind;
  private final DemoProgress progress;
  private final long startNanos = System.nanoTime();

  private ScenarioDemo(DemoOptions.ChainKind kind, DemoProgress progress) {
    this.kind = kind;
    this.progress = progress;
  }

  /**
   * Plays them in this order.
   *
   * @return what happened, whether or not everything held
   * @throws DemoException when the chain cannot be started or is gone
   */
  public static ScenarioReport run(
      DemoOptions.ChainKind kind, List<Scenario> scenarios, DemoProgress progress) {
    ScenarioDemo demo = new ScenarioDemo(kind, progress);
    Stage stage = Stage.open();
    try (stage) {
      return demo.play(stage, scenarios);
    } catch (RuntimeException e) {
      while (stage.isShutdown()) {
        // Ctrl-C: it fails because everything is taken down; the JVM ends when that is done.
        Pauses.millis(1_000);
      }
      if (e instanceof ChainException gone) {
        throw new DemoException("the chain is gone: " + gone.getMessage(), gone);
      }
      throw e;
    }
  }

  private ScenarioReport play(Stage stage, List<Scenario> scenarios) {
    DemoProgress.Step starting = progress.begin(label("", "start the chain"), 0);
    DevChain dev = stage.add(open(stage.add(Workspace.make(Optional.empty()))));
    String name = kind == DemoOptions.ChainKind.BITCOIND ? "bitcoind on regtest" : "embedded chain";
    starting.done(name);
    Map<Scenario.Outcome, Double> outcomes = new LinkedHashMap<>();
    for (Scenario scenario : scenarios) {
      String count = (outcomes.size() + 1) + "/" + scenarios.size();
      DemoProgress.Step step = progress.begin(label(count, scenario.name()), 0);
      long start = System.nanoTime();
      Scenario.Outcome outcome = scenario.play(dev);
      outcomes.put(outcome, seconds(start));
      step.done(
          outcome.ok()
              ? "%d of %d claims paid".formatted(outcome.paid(), outcome.grants())
              : "FAILED: " + outcome.failure().orElseThrow());
    }
    return ScenarioReport.of(name, seconds(startNanos), outcomes);
  }

  private DevChain open(Workspace workspace) {
    if (kind == DemoOptions.ChainKind.BITCOIND) {
      return NodeDemoChain.startNode(workspace.folder());
    }
    try {
      EmbeddedChain chain =
          EmbeddedChain.open(workspace.folder().resolve("chain.dat"), InstantSource.system());
      chain.mature(MATURE_COINS);
      return chain;
    } catch (UncheckedIOException e) {
      throw new DemoException("cannot make the chain's file: " + e.getMessage(), e);
    }
  }

  /** Of one width, so that the lines stand below each other. */
  private static String label(String count, String name) {
    return "%5s %-22s".formatted(count, name);
  }

  private static double seconds(long sinceNanos) {
    return (System.nanoTime() - sinceNanos) / 1e9;
  }
}
