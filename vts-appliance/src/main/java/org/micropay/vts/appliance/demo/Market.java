package org.micropay.vts.appliance.demo;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.micropay.vts.merchant.Buyer;
import org.micropay.vts.merchant.EscrowDraft;
import org.micropay.vts.merchant.TicketCheck;
import org.micropay.vts.merchant.TicketSigner;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.Payment;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Ticket;

/**
 * Buyers, merchants, and the tickets that pass between them, all through the library that real ones
 * would use. Owns every key and closes it. One thread directs; {@link #play} uses several.
 */
final class Market implements AutoCloseable {
  static final long EXPIRY_SECONDS = 24 * 3_600;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Network network;
  private final PublicKey vtsKey;
  private final DemoSizes sizes;
  private final int odds;
  private final Random random;
  private final List<SecretKey> seeds = new ArrayList<>();
  private final List<Buyer> buyers = new ArrayList<>();
  private final List<DemoMerchant> merchants = new ArrayList<>();
  private final List<DemoEscrow> escrows = new ArrayList<>();
  private final List<DemoEscrow> unregistered = new ArrayList<>();
  private final LongAdder tickets = new LongAdder();

  private Market(Network network, PublicKey vtsKey, DemoSizes sizes, int odds, Random random) {
    this.network = network;
    this.vtsKey = vtsKey;
    this.sizes = sizes;
    this.odds = odds;
    this.random = random;
  }

  /** Brings buyers and merchants together. */
  static Market open(Network network, PublicKey vtsKey, DemoSizes sizes, int odds, Random random) {
    Market market = new Market(network, vtsKey, sizes, odds, random);
    for (int i = 0; i < sizes.buyers(); i++) {
      SecretKey seed = SecretKey.generate();
      market.seeds.add(seed);
      market.buyers.add(new Buyer(seed, network, vtsKey));
    }
    for (int i = 0; i < sizes.merchants(); i++) {
      market.merchants.add(DemoMerchant.make(i, network, vtsKey, random));
    }
    return market;
  }

  /** Funds all escrows, also those that nobody will register; a block confirms them. */
  void fund(DemoChain chain, int tipHeight) {
    int count = sizes.registered() + sizes.forgeries();
    List<EscrowDraft> drafts = new ArrayList<>();
    List<Payment> payments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long payout = random.nextLong(DemoSizes.MIN_PAYOUT, DemoSizes.MAX_PAYOUT);
      long allowance = random.nextLong(DemoSizes.MIN_FEE_ALLOWANCE, DemoSizes.MAX_FEE_ALLOWANCE);
      long value = payout + allowance;
      EscrowDraft draft =
          buyers
              .get(i % buyers.size())
              .draft(i, value, payout, odds, tipHeight + DemoSizes.REFUND_BLOCKS);
      drafts.add(draft);
      payments.add(new Payment(draft.script().scriptPubKey().toArray(), value));
    }
    var outpoints = chain.fund(payments);
    for (int i = 0; i < count; i++) {
      int who = i % buyers.size();
      DemoEscrow escrow =
          DemoEscrow.open(buyers.get(who), seeds.get(who), drafts.get(i), outpoints.get(i));
      (i < sizes.registered() ? escrows : unregistered).add(escrow);
    }
  }

  /** Escrows that are registered. */
  List<DemoEscrow> escrows() {
    return escrows;
  }

  /** Escrows that are funded and known to nobody. */
  List<DemoEscrow> unregistered() {
    return unregistered;
  }

  List<DemoMerchant> merchants() {
    return merchants;
  }

  /** Tickets signed so far. */
  long tickets() {
    return tickets.sum();
  }

  /** Registered escrows that a ticket has won. */
  List<DemoEscrow> winners() {
    return escrows.stream().filter(escrow -> escrow.won().isPresent()).toList();
  }

  /** Registered escrows that no ticket has won. */
  List<DemoEscrow> idle() {
    return escrows.stream().filter(escrow -> escrow.won().isEmpty()).toList();
  }

  /** Buyers pay in turns, on all processors, until {@code target} of these escrows are won. */
  void play(List<DemoEscrow> among, int target, DemoProgress.Step step) {
    AtomicInteger wins = new AtomicInteger();
    int threads = Math.min(Runtime.getRuntime().availableProcessors(), among.size());
    List<Integer> slices = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      slices.add(i);
    }
    Parallel.forEach(
        slices,
        threads,
        slice -> {
          List<DemoEscrow> open = new ArrayList<>();
          for (int i = slice; i < among.size(); i += threads) {
            open.add(among.get(i));
          }
          int turn = slice;
          while (!open.isEmpty()) {
            for (DemoEscrow escrow : List.copyOf(open)) {
              if (wins.get() >= target) {
                return;
              }
              if (pay(escrow, merchants.get(turn++ % merchants.size()))) {
                open.remove(escrow);
                wins.incrementAndGet();
                step.advance(1);
              }
            }
          }
        });
  }

  /** One honest payment; whether it won. */
  private boolean pay(DemoEscrow escrow, DemoMerchant merchant) {
    long now = nowSeconds();
    Ticket ticket = escrow.honest().pay(merchant.asks().ask(), now + EXPIRY_SECONDS);
    tickets.increment();
    return switch (merchant.asks().check(escrow.terms(), ticket, now)) {
      case TicketCheck.Lost lost -> {
        escrow.honest().learn(lost.opening());
        yield false;
      }
      case TicketCheck.Won won -> {
        escrow.honest().won();
        escrow.setWon(won.claim());
        yield true;
      }
      case TicketCheck.Refused refused -> throw refused(refused);
    };
  }

  /**
   * A buyer spends a won escrow once more: signs tickets for another merchant, who knows nothing of
   * the first, until one of them wins as well.
   */
  Claim spendAgain(DemoEscrow escrow) {
    Claim first = escrow.won().orElseThrow();
    DemoMerchant other = merchants.get(random.nextInt(merchants.size()));
    while (other.script().equals(first.payoutScript())) {
      other = merchants.get(random.nextInt(merchants.size()));
    }
    while (true) {
      long now = nowSeconds();
      Ask ask = other.asks().ask();
      byte[] r2 = new byte[Bytes16.LENGTH];
      RANDOM.nextBytes(r2);
      Ticket ticket =
          TicketSigner.ticket(
              escrow.key(), escrow.terms(), ask, Bytes16.of(r2), now + EXPIRY_SECONDS);
      tickets.increment();
      switch (other.asks().check(escrow.terms(), ticket, now)) {
        case TicketCheck.Won won -> {
          return won.claim();
        }
        case TicketCheck.Refused refused -> throw refused(refused);
        case TicketCheck.Lost lost -> {}
      }
    }
  }

  private static DemoException refused(TicketCheck.Refused refused) {
    return new DemoException(
        "a merchant refused an honest ticket: " + refused.code() + ", " + refused.detail());
  }

  static long nowSeconds() {
    return System.currentTimeMillis() / 1_000;
  }

  Network network() {
    return network;
  }

  PublicKey vtsKey() {
    return vtsKey;
  }

  @Override
  public void close() {
    escrows.forEach(DemoEscrow::close);
    unregistered.forEach(DemoEscrow::close);
    buyers.forEach(Buyer::close);
  }
}
