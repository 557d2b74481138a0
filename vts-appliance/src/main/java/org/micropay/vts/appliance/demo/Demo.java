package org.micropay.vts.appliance.demo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.HdrHistogram.Histogram;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;

/**
 * Plays the whole life of payments against a server process of its own, and ends with an account
 * from the chain that owes the server nothing.
 *
 * <pre>
 *  server up -> escrows funded, registered -> tickets -> claims -> SIGKILL, restart -> repeats
 *            -> batches mined -> server down -> journal and chain read and compared
 * </pre>
 *
 * <p>Everything it starts ends with it: on success, on failure, and when the JVM is told to stop.
 */
public final class Demo {
  private static final Network NETWORK = Network.REGTEST;
  private static final int SHARE_BEFORE_KILL = 55;
  private static final int SHARE_AT_KILL = 25;
  private static final int WARMING_REPEATS = 5;

  private final DemoOptions options;
  private final DemoProgress progress;
  private final DemoSizes sizes;
  private final Random random;
  private final long startNanos = System.nanoTime();
  private final List<String> differences = new ArrayList<>();

  private Workspace workspace;
  private PublicKey feeKey;
  private ServerProcess server;
  private DemoChain chain;
  private Market market;
  private Escrows escrows;
  private ClaimBook book;
  private ClaimTraffic traffic;
  private String kernel;
  private DemoReport.Restart restart;
  private int answeredBefore;
  private long downNanos;
  private double claimsPerSecond;

  private Demo(DemoOptions options, DemoProgress progress) {
    this.options = options;
    this.progress = progress;
    this.sizes = DemoSizes.of(options);
    this.random = new Random(options.seed());
  }

  /**
   * Plays the demo.
   *
   * @return what happened, whether or not everything agrees
   * @throws DemoException when it cannot go on
   */
  public static DemoReport run(DemoOptions options, DemoProgress progress) {
    Demo demo = new Demo(options, progress);
    Stage stage = Stage.open();
    try (stage) {
      return demo.playOrExplain(stage);
    } catch (RuntimeException e) {
      while (stage.isShutdown()) {
        // Ctrl-C: it fails because everything is taken down; the JVM ends when that is done.
        Pauses.millis(1_000);
      }
      throw e;
    }
  }

  /** A server that cannot be reached any more has usually said why it ended. */
  private DemoReport playOrExplain(Stage stage) {
    try {
      return play(stage);
    } catch (VtsException lost) {
      throw new DemoException(server.obituary().orElse(lost.getMessage()), lost);
    }
  }

  private DemoReport play(Stage stage) {
    startServer(stage);
    openMarket(stage);
    payAndClaim();
    SettlementView settled = settle();
    return account(settled);
  }

  private void startServer(Stage stage) {
    DemoProgress.Step step = progress.begin("start the server", 0);
    workspace = stage.add(Workspace.make(options.keep()));
    PublicKey vtsKey = workspace.newKey("vts.key");
    feeKey = workspace.newKey("fee.key");
    server = new ServerProcess(workspace);
    chain =
        switch (options.chain()) {
          case EMBEDDED -> new EmbeddedDemoChain(server, workspace.chain());
          case BITCOIND -> stage.add(NodeDemoChain.start(workspace.folder()));
        };
    workspace.writeConfig(chain.configuration());
    stage.add(server);
    server.start();
    try (VtsHttpClient http = server.http()) {
      kernel = http.get("/v1/status").body().path("kernel").asText().split(" ", 2)[0];
    }
    market = stage.add(Market.open(NETWORK, vtsKey, sizes, options.odds(), random));
    step.done("%s kernel, %s".formatted(kernel, chain.name()));
  }

  private void openMarket(Stage stage) {
    DemoProgress.Step funding = progress.begin("fund the escrows", 0);
    FeeCoins.fund(chain, feeKey, sizes);
    int tip = chain.mine(1);
    market.fund(chain, tip);
    tip = chain.mine(1);
    escrows = new Escrows(server, market, differences);
    ServerHeight.await(server, tip);
    funding.done("%,d escrows on chain".formatted(market.escrows().size()));

    DemoProgress.Step registering = progress.begin("register the escrows", market.escrows().size());
    Forger forger = stage.add(new Forger(random));
    escrows.register(registering);
    escrows.tryRegistrations(forger);
    escrows.expectState("UNCONFIRMED");
    registering.done("%,d registered".formatted(market.escrows().size()));

    book = new ClaimBook(market, forger, sizes, random);
    traffic = stage.add(ClaimTraffic.open(server, NETWORK));
    DemoProgress.Step hasty = progress.begin("claim too early", 0);
    traffic.send(book.hasty(), hasty);
    ServerHeight.await(server, chain.mine(1));
    escrows.expectState("LIVE");
    hasty.done("%d told to wait for a block".formatted(sizes.hasty()));
  }

  private void payAndClaim() {
    DemoProgress.Step paying = progress.begin("pay with tickets", sizes.winners());
    book.play(paying);
    paying.done("%,d tickets, %,d won".formatted(market.tickets(), book.winningTickets()));

    List<PlannedClaim> claims = book.shuffled();
    int first = claims.size() * SHARE_BEFORE_KILL / 100;
    int second = first + claims.size() * SHARE_AT_KILL / 100;
    DemoProgress.Step claiming = progress.begin("claim", claims.size());
    traffic.sendSteadily(claims.subList(0, first), DemoSizes.PLANNED_RATE, claiming);
    PlannedClaim repeated = book.firstGranted();
    traffic.repeatOne(repeated, DemoSizes.REPEATS_OF_FIRST / 2, Steps.IGNORED);
    traffic.sendAndThen(claims.subList(first, second), this::killServer, claiming);
    traffic.sendSteadily(claims.subList(second, claims.size()), DemoSizes.PLANNED_RATE, claiming);
    claiming.done(
        "%,d granted, %,d double-spent; one SIGKILL on the way"
            .formatted(book.granted().size(), book.doubleSpends().size()));
    repeat(repeated, sizes.hasty() + second - answeredBefore);
  }

  /** Kills the server while claims are on their way, and starts it again. */
  private void killServer() {
    long killed = System.nanoTime();
    server.kill();
    answeredBefore = book.answered();
    server.start();
    downNanos = System.nanoTime() - killed;
  }

  private void repeat(PlannedClaim first, int unanswered) {
    List<PlannedClaim> decided = new ArrayList<>(book.granted());
    decided.addAll(book.doubleSpends());
    int all = decided.size() * DemoSizes.REPEATS;
    DemoProgress.Step repeating = progress.begin("claim again", all);
    traffic.repeatOne(first, DemoSizes.REPEATS_OF_FIRST / 2, Steps.IGNORED);
    traffic.repeat(decided, WARMING_REPEATS, repeating);
    claimsPerSecond = traffic.repeat(decided, DemoSizes.REPEATS - WARMING_REPEATS, repeating);
    long repeated = all + DemoSizes.REPEATS_OF_FIRST;
    long different = traffic.different();
    if (different > 0) {
      differences.add(
          "%,d of %,d repeated claims got other bytes than the first time"
              .formatted(different, repeated));
    }
    restart =
        new DemoReport.Restart(
            answeredBefore,
            unanswered,
            downNanos / 1e9,
            repeated,
            repeated - different,
            DemoSizes.REPEATS_OF_FIRST);
    repeating.done("%,d answers, %,d different".formatted(repeated, different));
  }

  private SettlementView settle() {
    int granted = book.granted().size();
    DemoProgress.Step step = progress.begin("settle in batches", granted);
    SettlementView settled = new Settling(server, chain).untilSettled(granted, step);
    step.done("%,d claims, %d batch transactions".formatted(settled.settled(), settled.batches()));
    return settled;
  }

  private DemoReport account(SettlementView settled) {
    DemoProgress.Step step = progress.begin("compare with the chain", 0);
    int status = server.stop();
    if (status != 0 && status != ServerProcess.SIGTERM_STATUS) {
      differences.add("the server ended with status " + status + " after SIGTERM");
    }
    book.checkAnswers(differences);
    JournalEvidence journal = JournalEvidence.read(workspace.journal());
    journal.compare(book.all());
    differences.addAll(journal.differences());
    List<PayoutScript> merchants = market.merchants().stream().map(DemoMerchant::script).toList();
    ChainAccount onChain =
        ChainAccount.of(chain.blocks(), FeeCoins.script(feeKey), expected(), merchants);
    differences.addAll(onChain.differences());
    differences.addAll(settled.differences(onChain.sums()));
    step.done(
        differences.isEmpty()
            ? "%,d blocks and %,d journal records agree"
                .formatted(onChain.sums().blocks(), journal.records())
            : differences.size() + " differences");
    return report(onChain.sums(), journal);
  }

  /** Every escrow that was funded, and who holds a receipt on it. */
  private List<ChainAccount.Escrow> expected() {
    Map<org.micropay.vts.ticket.Outpoint, Claim> owed = new LinkedHashMap<>();
    for (PlannedClaim granted : book.granted()) {
      Claim claim = granted.claim().orElseThrow();
      owed.put(claim.terms().outpoint(), claim);
    }
    List<DemoEscrow> all = new ArrayList<>(market.escrows());
    all.addAll(market.unregistered());
    return all.stream()
        .map(
            escrow ->
                new ChainAccount.Escrow(
                    escrow.terms().outpoint(),
                    escrow.terms().value(),
                    Optional.ofNullable(owed.get(escrow.terms().outpoint()))
                        .map(
                            claim ->
                                new ChainAccount.Payee(
                                    claim.payoutScript(), claim.terms().payout()))))
        .toList();
  }

  private DemoReport report(ChainAccount.Sums sums, JournalEvidence journal) {
    int claims = Math.max(1, sums.claims());
    return new DemoReport(
        differences.isEmpty(),
        List.copyOf(differences),
        chain.name(),
        kernel,
        options.seed(),
        (System.nanoTime() - startNanos) / 1e9,
        new DemoReport.Payments(
            sizes.buyers(),
            sizes.merchants(),
            market.escrows().size(),
            market.tickets(),
            options.odds(),
            book.winningTickets()),
        new DemoReport.Claims(
            traffic.sent(),
            book.granted().size(),
            book.doubleSpends().size(),
            book.refusals(),
            escrows.refusals(),
            book.unexpected()),
        restart,
        new DemoReport.Settled(
            sums.batches(),
            sums.claims(),
            (double) sums.vbytes() / claims,
            (double) sums.fees() / claims,
            journal.records()),
        sums,
        new DemoReport.Speed(
            claimsPerSecond, DemoSizes.CONNECTIONS, DemoSizes.PLANNED_RATE, percentiles()));
  }

  private Map<String, Double> percentiles() {
    Histogram micros = traffic.latencyMicros();
    Map<String, Double> millis = new LinkedHashMap<>();
    millis.put("p50", micros.getValueAtPercentile(50) / 1e3);
    millis.put("p90", micros.getValueAtPercentile(90) / 1e3);
    millis.put("p99", micros.getValueAtPercentile(99) / 1e3);
    millis.put("max", micros.getMaxValue() / 1e3);
    return millis;
  }
}
