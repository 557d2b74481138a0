package org.micropay.vts.appliance.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Outpoint;

/**
 * All claims of the demo: who may make which, and whether the answers are right. One thread
 * directs; answers come from others.
 */
final class ClaimBook {
  private final Market market;
  private final Forger forger;
  private final DemoSizes sizes;
  private final Random random;
  private final List<PlannedClaim> all = Collections.synchronizedList(new ArrayList<>());

  ClaimBook(Market market, Forger forger, DemoSizes sizes, Random random) {
    this.market = market;
    this.forger = forger;
    this.sizes = sizes;
    this.random = random;
  }

  /** Winners on escrows whose funding is not deep enough yet. */
  List<PlannedClaim> hasty() {
    List<DemoEscrow> early = market.escrows().subList(0, sizes.hasty());
    market.play(early, early.size(), Steps.IGNORED);
    List<PlannedClaim> claims = new ArrayList<>();
    for (DemoEscrow escrow : early) {
      claims.add(PlannedClaim.of(escrow.won().orElseThrow(), AnswerCode.ESCROW_UNCONFIRMED));
    }
    all.addAll(claims);
    return claims;
  }

  /** Buyers pay until enough escrows are won; some of them then cheat. */
  void play(DemoProgress.Step step) {
    int won = market.winners().size();
    step.advance(won);
    market.play(market.idle(), sizes.winners() - won, step);
    List<DemoEscrow> winners = new ArrayList<>(market.winners());
    Collections.shuffle(winners, random);
    for (int i = 0; i < winners.size(); i++) {
      Claim claim = winners.get(i).won().orElseThrow();
      if (i < sizes.doubleSpenders()) {
        all.add(PlannedClaim.rival(claim));
        all.add(PlannedClaim.rival(market.spendAgain(winners.get(i))));
      } else {
        all.add(PlannedClaim.of(claim, AnswerCode.GRANTED));
      }
    }
    all.addAll(
        forger.forge(
            market.idle(),
            market.unregistered(),
            market.merchants().getFirst().script(),
            sizes.forgeries()));
  }

  /** Tickets that won: of honest buyers, and the second ones of those who cheat. */
  int winningTickets() {
    return market.winners().size() + sizes.doubleSpenders();
  }

  /** All claims that have no answer yet, in the order in which they are sent. */
  List<PlannedClaim> shuffled() {
    List<PlannedClaim> open =
        new ArrayList<>(all.stream().filter(claim -> claim.reply() == null).toList());
    Collections.shuffle(open, random);
    return open;
  }

  /** Every claim there is. */
  List<PlannedClaim> all() {
    return List.copyOf(all);
  }

  /** How many claims have their answer. */
  int answered() {
    return (int) all().stream().filter(claim -> claim.reply() != null).count();
  }

  /** Claims that were granted. */
  List<PlannedClaim> granted() {
    return all().stream().filter(PlannedClaim::isGranted).toList();
  }

  /** Claims that lost their escrow to another winner. */
  List<PlannedClaim> doubleSpends() {
    return all().stream().filter(PlannedClaim::isDoubleSpend).toList();
  }

  PlannedClaim firstGranted() {
    return all().stream()
        .filter(PlannedClaim::isGranted)
        .findFirst()
        .orElseThrow(() -> new DemoException("no claim was granted; run again with --keep"));
  }

  /** Refused claims by code. */
  Map<String, Integer> refusals() {
    TreeMap<AnswerCode, Integer> counts = new TreeMap<>();
    for (PlannedClaim claim : all()) {
      if (claim.reply() != null && !claim.isGranted() && !claim.isDoubleSpend()) {
        counts.merge(claim.reply().code(), 1, Integer::sum);
      }
    }
    return named(counts);
  }

  static Map<String, Integer> named(TreeMap<AnswerCode, Integer> counts) {
    Map<String, Integer> named = new LinkedHashMap<>();
    counts.forEach((code, count) -> named.put(code.name(), count));
    return named;
  }

  /** Answers that are not among the right ones. */
  int unexpected() {
    return (int) all().stream().filter(claim -> !isExpected(claim)).count();
  }

  private static boolean isExpected(PlannedClaim claim) {
    return claim.reply() != null && claim.expected().contains(claim.reply().code());
  }

  /** Compares every answer with the right one, and rivals with each other. */
  void checkAnswers(List<String> differences) {
    Map<Outpoint, Integer> grants = new HashMap<>();
    for (PlannedClaim claim : all()) {
      if (!isExpected(claim)) {
        differences.add(
            "a claim was answered %s instead of %s"
                .formatted(
                    claim.reply() == null ? "not at all" : claim.reply().code(), claim.expected()));
      }
      if (claim.isGranted()) {
        grants.merge(claim.claim().orElseThrow().terms().outpoint(), 1, Integer::sum);
      }
    }
    for (DemoEscrow escrow : market.winners()) {
      int count = grants.getOrDefault(escrow.terms().outpoint(), 0);
      if (count != 1) {
        differences.add(
            "escrow %s has winners, and %d grants instead of one"
                .formatted(escrow.terms().outpoint(), count));
      }
    }
    int caught = doubleSpends().size();
    if (caught != sizes.doubleSpenders()) {
      differences.add(
          "%d double-spends were caught of %d".formatted(caught, sizes.doubleSpenders()));
    }
  }
}
