package org.micropay.vts.merchant;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.FastOpenings;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;
import org.micropay.vts.ticket.WinRule;

/**
 * A merchant: asks for tickets without keeping state per ask, checks what comes, in batches, and
 * claims the winners until the VTS has answered. Everything that must outlive the process is in one
 * folder (mode 0700): the secret of the asks, the numbers given out, used asks, winners with their
 * receipts.
 * <!-- example:merchant -->
 *
 * <pre>{@code
 * VtsHttpClient vts = new VtsHttpClient(vtsUrl);
 * MerchantConfig config = MerchantConfig.of(network, vtsUrl, vtsKey, payoutScript);
 * try (Merchant merchant = Merchant.open(folder, config, vts)) {
 *   Challenge challenge = merchant.ask(new Price(1_500)); // 1.5 satoshi, to the buyer
 *   PresentedTicket ticket = buyer.apply(challenge); // his answer
 *   switch (merchant.check(ticket, new Price(1_500)).join()) {
 *     case TicketCheck.Lost lost -> serve(TicketResult.lost(lost.opening()));
 *     case TicketCheck.Won won -> serve(TicketResult.won()); // claimed by itself
 *     case TicketCheck.Refused refused -> refuse(refused.code(), refused.detail());
 *   }
 * }
 * }</pre>
 *
 * <!-- example:end -->
 *
 * <p>Thread-safe. {@link #ask} and the cheap checks run on the caller's thread and never wait; a
 * check completes on the thread of {@link TicketDesk} or of the claim store.
 */
public final class Merchant implements AutoCloseable {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int CACHED_ESCROWS = 65_536;
  private static final long REFUSED_AGE_MILLIS = 1_000;
  private static final long REFILL_SECONDS = 5;

  private final MerchantConfig config;
  private final FileLock lock;
  private final AskCounter counter;
  private final ThreadLocal<FastOpenings> openings;
  private final EscrowCache escrows;
  private final TicketDesk desk;
  private final ClaimStore claims;
  private final ClaimSender sender;
  private final String kernel;
  private final ConcurrentHashMap<Bytes32, Integer> outstanding = new ConcurrentHashMap<>();
  private final ScheduledExecutorService housekeeper =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("merchant-housekeeper").unstarted(task));

  private Merchant(
      Path folder,
      MerchantConfig config,
      EscrowSource source,
      ClaimSink sink,
      Kernel kernel,
      Consumer<String> problems)
      throws IOException {
    this.config = config;
    PrivateFile.makeFolder(folder);
    this.lock = lock(folder.resolve("merchant.lock"));
    byte[] secret = secret(folder.resolve("asks.secret"));
    this.openings = ThreadLocal.withInitial(() -> FastOpenings.of(secret));
    this.counter = AskCounter.open(folder.resolve("asks.counter"), nowSeconds());
    this.escrows =
        new EscrowCache(
            source,
            new EscrowCache.Limits(
                CACHED_ESCROWS,
                config.escrowAgeMillis(),
                Math.min(REFUSED_AGE_MILLIS, config.escrowAgeMillis()),
                config.escrowStaleMillis()),
            System::nanoTime);
    RedeemedAsks redeemed = new RedeemedAsks();
    this.desk =
        new TicketDesk(
            TicketJournal.open(folder.resolve("tickets"), redeemed),
            redeemed,
            config.askLifeSeconds(),
            System::currentTimeMillis,
            kernel);
    this.claims = ClaimStore.open(folder.resolve("claims"));
    this.sender = new ClaimSender(sink, claims, System::currentTimeMillis, problems);
    this.kernel = kernel.name();
  }

  /** Opens or makes the merchant's folder, with the VTS over HTTP and the best kernel. */
  public static Merchant open(Path folder, MerchantConfig config, VtsHttpClient vts) {
    return open(
        folder, config, vts::escrowFacts, vts::claim, Kernels.select(Kernels.AUTO), problem -> {});
  }

  /**
   * The same with everything given.
   *
   * @param problems told one line when claiming begins to fail
   * @throws MerchantStorageException when the folder cannot be used, or another process has it
   */
  public static Merchant open(
      Path folder,
      MerchantConfig config,
      EscrowSource source,
      ClaimSink sink,
      Kernel kernel,
      Consumer<String> problems) {
    try {
      Merchant merchant = new Merchant(folder, config, source, sink, kernel, problems);
      merchant.start();
      return merchant;
    } catch (IOException e) {
      throw new MerchantStorageException(folder + ": " + e.getMessage(), e);
    }
  }

  private void start() {
    desk.start();
    sender.start();
    housekeeper.scheduleAtFixedRate(
        () -> counter.refill(nowSeconds()), REFILL_SECONDS, REFILL_SECONDS, TimeUnit.SECONDS);
  }

  private static FileLock lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Another merchant of this very process.
    }
    if (lock == null) {
      channel.close();
      throw new IOException("another merchant is running on this folder");
    }
    return lock;
  }

  private static byte[] secret(Path file) throws IOException {
    if (!Files.exists(file)) {
      byte[] drawn = new byte[FastOpenings.SECRET_LENGTH];
      RANDOM.nextBytes(drawn);
      PrivateFile.replace(file, drawn);
      Arrays.fill(drawn, (byte) 0);
    }
    byte[] secret = PrivateFile.read(file);
    if (secret.length != FastOpenings.SECRET_LENGTH) {
      throw new IOException(file + " has " + secret.length + " bytes, not 32; restore it");
    }
    return secret;
  }

  private static long nowSeconds() {
    return System.currentTimeMillis() / 1000;
  }

  /** What this merchant is and takes. */
  public MerchantConfig config() {
    return config;
  }

  /** A challenge for this price, with a fresh ask. */
  public Challenge ask(Price price) {
    return ask(price, TicketRefusal.PAYMENT_REQUIRED);
  }

  /** The same, with why the ticket that came was not taken. */
  public Challenge ask(Price price, TicketRefusal refusal) {
    long number = counter.next(nowSeconds());
    return new Challenge(
        config.network(),
        config.vts(),
        config.vtsKey(),
        price,
        number,
        new Ask(openings.get().at(number).commitment(), config.payoutScript()),
        AskCounter.secondOf(number) + config.askLifeSeconds(),
        config.minExpirySeconds(),
        config.minOdds(),
        config.maxOdds(),
        refusal);
  }

  /**
   * Checks a ticket, cheap to dear, and takes it when nothing is against it. A winner is on disk
   * when the check completes, and on its way to the VTS. A refused ticket is not used up.
   *
   * @param price that the ticket must cover
   * @return never fails; what cannot be decided is a refusal with a retryable code
   */
  public CompletableFuture<TicketCheck> check(PresentedTicket presented, Price price) {
    Ticket ticket = presented.ticket();
    Optional<TicketCheck.Refused> objection = objection(presented);
    if (objection.isPresent()) {
      return CompletableFuture.completedFuture(objection.get());
    }
    Bytes32 digest = ticket.termsDigest();
    if (outstanding.merge(digest, 1, Integer::sum) > config.risk().maxOutstanding()) {
      release(digest);
      return refused(
          TicketRefusal.TOO_MANY_OUTSTANDING, "a ticket of escrow " + digest + " is in check");
    }
    return escrows
        .lookup(digest)
        .handle((facts, failure) -> checkOn(facts, failure, presented, price))
        .thenCompose(check -> check)
        .whenComplete((check, failure) -> release(digest));
  }

  private void release(Bytes32 digest) {
    outstanding.computeIfPresent(digest, (k, n) -> n == 1 ? null : n - 1);
  }

  /** What needs neither the VTS nor a signature. */
  private Optional<TicketCheck.Refused> objection(PresentedTicket presented) {
    Ticket ticket = presented.ticket();
    if (!counter.isIssued(presented.counter())
        || !openings.get().at(presented.counter()).commitment().equals(ticket.commitment())) {
      return refusal(
          TicketRefusal.UNKNOWN_ASK,
          "ask %s with commitment %s is not mine"
              .formatted(PresentedTicket.counterText(presented.counter()), ticket.commitment()));
    }
    if (!ticket.payoutScript().equals(config.payoutScript())) {
      return refusal(TicketRefusal.WRONG_PAYEE, "the ticket pays " + ticket.payoutScript());
    }
    if (ticket.expiry() < nowSeconds() + config.minExpirySeconds() - config.askLifeSeconds()) {
      return refusal(
          TicketRefusal.EXPIRES_TOO_SOON,
          "the ticket expires at %d, less than %d s from now"
              .formatted(ticket.expiry(), config.minExpirySeconds()));
    }
    if (claims.isBroken() || desk.fault().isPresent()) {
      return refusal(TicketRefusal.STORAGE, "wins cannot be stored");
    }
    if (claims.pendingCount() >= config.risk().maxPendingClaims()) {
      return refusal(
          TicketRefusal.VTS_UNAVAILABLE,
          claims.pendingCount() + " winners wait for the VTS's answer");
    }
    return Optional.empty();
  }

  private static Optional<TicketCheck.Refused> refusal(TicketRefusal code, String detail) {
    return Optional.of(new TicketCheck.Refused(code, detail));
  }

  private static CompletableFuture<TicketCheck> refused(TicketRefusal code, String detail) {
    return CompletableFuture.completedFuture(new TicketCheck.Refused(code, detail));
  }

  private CompletableFuture<TicketCheck> checkOn(
      EscrowFacts facts, Throwable failure, PresentedTicket presented, Price price) {
    if (failure != null) {
      return refused(TicketRefusal.VTS_UNAVAILABLE, String.valueOf(failure.getMessage()));
    }
    Opening opening = openings.get().at(presented.counter());
    Optional<TicketCheck.Refused> objection = objectionToEscrow(facts, presented.ticket(), price);
    if (objection.isPresent() && !isOwnWin(objection.get(), facts, presented, opening)) {
      return CompletableFuture.completedFuture(objection.get());
    }
    return desk.check(presented, facts.terms().orElseThrow(), opening)
        .thenCompose(check -> keep(check, presented));
  }

  /**
   * A winner of this merchant's spent the escrow itself; it comes again when its answer was lost.
   */
  private boolean isOwnWin(
      TicketCheck.Refused objection,
      EscrowFacts facts,
      PresentedTicket presented,
      Opening opening) {
    Ticket ticket = presented.ticket();
    return objection.code() == TicketRefusal.ESCROW_SPENT
        && facts.terms().filter(t -> t.digest().equals(ticket.termsDigest())).isPresent()
        && WinRule.wins(opening.r1(), ticket.r2(), facts.terms().get().odds())
        && claims.find(Claim.of(facts.terms().get(), ticket, opening).id()).isPresent();
  }

  private Optional<TicketCheck.Refused> objectionToEscrow(
      EscrowFacts facts, Ticket ticket, Price price) {
    Optional<TicketRefusal> risk = config.risk().objection(facts);
    if (facts.terms().isEmpty() || risk.isPresent()) {
      return refusal(
          risk.orElse(TicketRefusal.UNKNOWN_ESCROW),
          "escrow %s is %s with %d confirmations, %d blocks before its refund"
              .formatted(
                  ticket.termsDigest(),
                  facts.state(),
                  facts.confirmations(),
                  facts.blocksToRefund()));
    }
    Terms terms = facts.terms().get();
    if (!terms.digest().equals(ticket.termsDigest())) {
      return refusal(TicketRefusal.TERMS_MISMATCH, "the VTS named other terms");
    }
    if (terms.network() != config.network().magic()) {
      return refusal(TicketRefusal.WRONG_NETWORK, "the terms are not for " + config.network().id());
    }
    if (!terms.vtsKey().equals(config.vtsKey())) {
      return refusal(TicketRefusal.WRONG_VTS_KEY, "the terms name VTS key " + terms.vtsKey());
    }
    if (terms.odds() < config.minOdds() || terms.odds() > config.maxOdds()) {
      return refusal(
          TicketRefusal.ODDS_OUT_OF_RANGE,
          "odds 1/%d; taken are 1/%d to 1/%d"
              .formatted(terms.odds(), config.minOdds(), config.maxOdds()));
    }
    if (terms.payout() < config.payoutScript().type().dust()) {
      return refusal(TicketRefusal.DUST, "a payout of " + terms.payout() + " satoshi is dust");
    }
    if (!price.isCoveredBy(terms)) {
      return refusal(
          TicketRefusal.PRICE_TOO_LOW,
          "the ticket is worth %s, the price is %s".formatted(Price.ofTicket(terms), price));
    }
    return Optional.empty();
  }

  /** A winner is made durable before anyone hears of it. */
  private CompletableFuture<TicketCheck> keep(TicketCheck check, PresentedTicket presented) {
    if (!(check instanceof TicketCheck.Won(Claim claim))) {
      return CompletableFuture.completedFuture(check);
    }
    escrows.markWon(presented.ticket().termsDigest());
    return claims
        .store(claim, System.currentTimeMillis())
        .handle(
            (isNew, failure) -> {
              if (failure != null) {
                TicketClass type = new TicketClass(claim.terms().payout(), claim.terms().odds());
                return desk.reopen(presented.counter(), type, true)
                    .thenApply(
                        done ->
                            (TicketCheck)
                                new TicketCheck.Refused(
                                    TicketRefusal.STORAGE, "the win could not be stored"));
              }
              if (isNew) {
                sender.submit(claim);
              }
              return CompletableFuture.completedFuture(check);
            })
        .thenCompose(result -> result);
  }

  /**
   * Makes a ticket good again whose content could not be had; what it won or lost stays.
   *
   * @param check what {@link #check} said: Won or Lost
   * @param terms of a losing ticket's escrow come from the cache; unknown ones leave it as it is
   */
  public CompletableFuture<Boolean> reopen(PresentedTicket presented, TicketCheck check) {
    return escrows
        .lookup(presented.ticket().termsDigest())
        .handle(
            (facts, failure) -> {
              if (failure != null || facts.terms().isEmpty()) {
                return CompletableFuture.completedFuture(false);
              }
              Terms terms = facts.terms().get();
              TicketClass type = new TicketClass(terms.payout(), terms.odds());
              return desk.reopen(presented.counter(), type, check instanceof TicketCheck.Won)
                  .thenApply(done -> true);
            })
        .thenCompose(result -> result);
  }

  /** Numbers for people and programs. */
  public CompletableFuture<MerchantReport> report() {
    return desk.statistics()
        .thenApply(
            statistics ->
                new MerchantReport(
                    statistics,
                    claims.totals(),
                    claims.pendingCount(),
                    sender.lastProblem(),
                    sender.failures(),
                    desk.checked(),
                    desk.batches(),
                    desk.waiting(),
                    escrows.size(),
                    claims.isBroken()
                        ? "wins cannot be stored"
                        : desk.fault().map(IOException::getMessage).orElse(""),
                    kernel));
  }

  /** Winners without a final answer, oldest first. */
  public List<StoredClaim> pendingClaims() {
    return claims.pending();
  }

  /** Winners with an answer, the newest 65,536, oldest first. */
  public Collection<StoredClaim> answeredClaims() {
    return claims.answered();
  }

  /**
   * Checks what waits, stops claiming, closes the files. What is unanswered is claimed next time.
   */
  @Override
  public void close() {
    housekeeper.shutdownNow();
    desk.close();
    sender.close();
    claims.close();
    try {
      lock.acquiredBy().close();
    } catch (IOException e) {
      throw new MerchantStorageException("merchant.lock: " + e.getMessage(), e);
    }
  }
}
