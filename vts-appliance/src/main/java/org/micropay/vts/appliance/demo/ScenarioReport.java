package org.micropay.vts.appliance.demo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.micropay.vts.settlement.BookAccount;
import org.micropay.vts.settlement.Books;
import org.micropay.vts.settlement.Scenario;

/**
 * What the settlement scenarios came to; the JSON document of {@code vts demo --scenario NAME
 * --json}. Amounts are satoshi.
 *
 * @param holds whether everything held in every scenario
 * @param chain where they were played
 * @param durationSeconds from start to end
 * @param scenarios in the order in which they were played
 */
public record ScenarioReport(
    boolean holds, String chain, double durationSeconds, List<Played> scenarios) {

  /**
   * One scenario.
   *
   * @param name of the scenario
   * @param story what it is about
   * @param holds whether everything held
   * @param failure what did not hold; empty when everything did
   * @param seconds it took
   * @param steps what was done and seen, one line each
   * @param grants what became of the granted claims
   * @param events what it took
   * @param satoshi the double-entry account in short; all zero when it was not reached
   * @param accounts the same in full: satoshi by account, lower case; they add up to zero
   */
  public record Played(
      String name,
      String story,
      boolean holds,
      String failure,
      double seconds,
      List<String> steps,
      Grants grants,
      Scenario.Events events,
      Satoshi satoshi,
      Map<String, Long> accounts) {}

  /**
   * Granted claims; each is in exactly one of the others.
   *
   * @param granted all
   * @param paid by our batches
   * @param paidElsewhere reported: a transaction of others paid the merchant
   * @param lost reported: the buyer's refund took the escrow
   * @param fundingLost reported: the escrow's funding was double-spent
   */
  public record Grants(long granted, long paid, long paidElsewhere, long lost, long fundingLost) {
    /** Granted claims that we did not pay, each with its reason. */
    public long reported() {
      return paidElsewhere + lost + fundingLost;
    }

    Grants plus(Grants other) {
      return new Grants(
          granted + other.granted,
          paid + other.paid,
          paidElsewhere + other.paidElsewhere,
          lost + other.lost,
          fundingLost + other.fundingLost);
    }
  }

  /**
   * Satoshi in, which are the satoshi out and the fees.
   *
   * @param in brought by buyers and by the operator
   * @param out to merchants, back to buyers, burnt, and still held in escrows and fee wallet
   * @param fees to miners
   */
  public record Satoshi(long in, long out, long fees) {
    static final Satoshi ZERO = new Satoshi(0, 0, 0);

    static Satoshi of(Map<BookAccount, Long> balances) {
      long in = 0;
      long out = 0;
      for (Map.Entry<BookAccount, Long> balance : balances.entrySet()) {
        switch (balance.getKey()) {
          case BUYERS, OPERATOR -> in = Math.subtractExact(in, balance.getValue());
          case FEES -> {}
          default -> out = Math.addExact(out, balance.getValue());
        }
      }
      return new Satoshi(in, out, balances.get(BookAccount.FEES));
    }

    /** Whether nothing is missing and nothing too much. */
    public boolean balances() {
      return in == Math.addExact(out, fees);
    }

    Satoshi plus(Satoshi other) {
      return new Satoshi(
          Math.addExact(in, other.in),
          Math.addExact(out, other.out),
          Math.addExact(fees, other.fees));
    }
  }

  /** The report of these outcomes, each with its seconds. */
  static ScenarioReport of(
      String chain, double durationSeconds, Map<Scenario.Outcome, Double> outcomes) {
    List<Played> played = new ArrayList<>();
    outcomes.forEach((outcome, seconds) -> played.add(played(outcome, seconds)));
    boolean holds = !played.isEmpty() && played.stream().allMatch(Played::holds);
    return new ScenarioReport(holds, chain, durationSeconds, List.copyOf(played));
  }

  private static Played played(Scenario.Outcome outcome, double seconds) {
    Map<BookAccount, Long> balances = outcome.books().map(Books::balances).orElse(Map.of());
    Map<String, Long> accounts = new LinkedHashMap<>();
    balances.forEach((account, sum) -> accounts.put(account.name().toLowerCase(Locale.ROOT), sum));
    Satoshi satoshi = balances.isEmpty() ? Satoshi.ZERO : Satoshi.of(balances);
    boolean holds =
        outcome.ok() && outcome.books().map(Books::agrees).orElse(false) && satoshi.balances();
    return new Played(
        outcome.name(),
        outcome.story(),
        holds,
        outcome.failure().orElse(holds ? "" : "the account does not balance"),
        seconds,
        outcome.steps(),
        new Grants(
            outcome.grants(),
            outcome.paid(),
            outcome.elsewhere(),
            outcome.lost(),
            outcome.fundingLost()),
        outcome.events(),
        satoshi,
        accounts);
  }
}
