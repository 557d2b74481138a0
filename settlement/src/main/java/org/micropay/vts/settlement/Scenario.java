package org.micropay.vts.settlement;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One thing that happens on the real network, played on a regtest chain, embedded or a node, with
 * real transactions from the first to the last. However it goes, {@link #play} then checks that
 * every grant was paid exactly once or is reported with the reason, that satoshi in are satoshi out
 * and fees, and that a second run of everything changes nothing.
 *
 * @param name short and stable, such as {@code refund-race}
 * @param story one line: what happens
 * @param script what is done
 */
public record Scenario(String name, String story, Script script) {
  /** The steps. */
  @FunctionalInterface
  interface Script {
    void play(ScenarioRun run);
  }

  /**
   * How it ended.
   *
   * @param name of the scenario
   * @param story of the scenario
   * @param steps what was done and seen, one line each
   * @param grants claims granted
   * @param paid by our batches, confirmed
   * @param elsewhere paid by a transaction of others
   * @param lost to a refund
   * @param fundingLost whose funding was double-spent
   * @param events what it took
   * @param account satoshi of all confirmed batches
   * @param splitFees satoshi paid to split the fee wallet's coins
   * @param books the double-entry account of everything, by records and blocks alone; empty when
   *     the scenario failed before
   * @param failure what did not hold; empty when everything did
   */
  public record Outcome(
      String name,
      String story,
      List<String> steps,
      long grants,
      long paid,
      long elsewhere,
      long lost,
      long fundingLost,
      Events events,
      Account account,
      long splitFees,
      Optional<Books> books,
      Optional<String> failure) {
    /** Whether everything held. */
    public boolean ok() {
      return failure.isEmpty();
    }
  }

  /**
   * What happened on the way, counted from the records that settlement left and by those who did
   * it.
   *
   * @param batches stored
   * @param raised replacements of batches and burns that pay more
   * @param dropped batches given up, their claims open again
   * @param reorgDepth blocks that the deepest reorganization undid
   * @param burns confirmed, ours
   * @param vtsKills how often the VTS lost what was not durable and started anew
   * @param nodeKills how often the chain's process was killed
   */
  public record Events(
      int batches,
      int raised,
      int dropped,
      int reorgDepth,
      int burns,
      int vtsKills,
      int nodeKills) {}

  /** Every scenario, in the order in which they are best told. */
  public static List<Scenario> all() {
    List<Scenario> all = new ArrayList<>();
    all.addAll(PaymentScenarios.all());
    all.addAll(ChainScenarios.all());
    all.addAll(ReorgScenarios.all());
    all.addAll(ConflictScenarios.all());
    all.addAll(FaultScenarios.all());
    all.addAll(PenaltyScenarios.all());
    return List.copyOf(all);
  }

  /** The scenario of this name. */
  public static Optional<Scenario> named(String name) {
    return all().stream().filter(one -> one.name().equals(name)).findFirst();
  }

  /**
   * Plays it on a chain that several scenarios may share, one after the other.
   *
   * @return how it ended; a failure is an outcome, not an exception
   */
  public Outcome play(DevChain dev) {
    ScenarioRun run = new ScenarioRun(name, dev);
    Optional<String> failure = Optional.empty();
    Optional<Books> books = Optional.empty();
    try {
      script.play(run);
      run.settleEverything();
      run.endOfStory();
      books = Optional.of(new ScenarioAudit(run).check());
    } catch (RuntimeException | AssertionError e) {
      failure = Optional.of(String.valueOf(e.getMessage()));
      if (Boolean.getBoolean("vts.debug")) {
        e.printStackTrace();
      }
    }
    return run.outcome(this, books, failure);
  }

  @Override
  public String toString() {
    return name;
  }
}
