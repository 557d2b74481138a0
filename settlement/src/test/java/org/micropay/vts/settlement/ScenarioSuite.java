package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scenario on one chain; one subclass for each chain. */
abstract class ScenarioSuite {
  abstract DevChain dev();

  static Stream<Scenario> scenarios() {
    return Scenario.all().stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("scenarios")
  void shouldPayEveryGrantOnceOrReportIt(Scenario scenario) {
    Scenario.Outcome outcome = scenario.play(dev());
    if (Boolean.getBoolean("vts.debug")) {
      System.out.println(scenario.name() + "\n  " + String.join("\n  ", outcome.steps()));
    }
    assertEquals(Optional.empty(), outcome.failure(), outcome::toString);
  }
}
