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
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.FastOpenings;

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
 * <p>Thread-safe. {@link #ask} runs on the caller's thread and never waits. {@link #check} is done
 * by one thread for all; {@link #newBatch} is for threads that do it themselves.
 */
public final class Merchant implements AutoCloseable {
  /** In a merchant's folder, locked while one runs on it. */
  public static final String LOCK = "merchant.lock";

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int CACHED_ESCROWS = 65_536;
  private static final long REFUSED_AGE_MILLIS = 1_000;
  private static final long REFILL_SECONDS = 5;
  private static final long TIDY_SECONDS = 1;
  private static final String CLAIMS = "claims";

  private final MerchantParts parts;
  private final FileLock lock;
  private final byte[] secret;
  private final AskCounter counter;
  private final ThreadLocal<FastOpenings> openings;
  private final Kernel kernel;
  private final ThreadPoolExecutor desk;
  private final TicketBatch deskBatch;
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
    PrivateFile.makeFolder(folder);
    this.lock = lock(folder.resolve(LOCK));
    this.secret = secret(folder.resolve("asks.secret"));
    this.openings = ThreadLocal.withInitial(() -> FastOpenings.of(secret));
    this.counter = AskCounter.open(folder.resolve("asks.counter"), nowSeconds());
    EscrowCache escrows =
        new EscrowCache(
            source,
            new EscrowCache.Limits(
                CACHED_ESCROWS,
                config.escrowAgeMillis(),
                Math.min(REFUSED_AGE_MILLIS, config.escrowAgeMillis()),
                config.escrowStaleMillis()),
            System::nanoTime);
    RedeemedAsks redeemed = new RedeemedAsks();
    TicketTill till =
        new TicketTill(
            TicketJournal.open(folder.resolve("tickets"), redeemed),
            redeemed,
            config.askLifeSeconds(),
            System::currentTimeMillis);
    ClaimStore claims = ClaimStore.open(folder.resolve(CLAIMS));
    this.parts =
        new MerchantParts(
            config,
            new TicketRules(config, counter),
            escrows,
            till,
            claims,
            new ClaimSender(sink, claims, System::currentTimeMillis, problems),
            new OutstandingTickets());
    this.kernel = kernel;
    this.desk =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(OutstandingTickets.MOST),
            Thread.ofPlatform().name("ticket-desk").stackSize(2L * Kernel.STACK_BYTES).factory());
    this.deskBatch = newBatch(desk);
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
    parts.sender().start();
    housekeeper.scheduleAtFixedRate(
        () -> counter.refill(nowSeconds()), REFILL_SECONDS, REFILL_SECONDS, TimeUnit.SECONDS);
    housekeeper.scheduleAtFixedRate(
        parts.till()::tidy, TIDY_SECONDS, TIDY_SECONDS, TimeUnit.SECONDS);
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
    return parts.config();
  }

  /** A challenge for this price, with a fresh ask. */
  public Challenge ask(Price price) {
    return ask(price, TicketRefusal.PAYMENT_REQUIRED);
  }

  /** The same, with why the ticket that came was not taken. */
  public Challenge ask(Price price, TicketRefusal refusal) {
    MerchantConfig config = parts.config();
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
   * when the check completes, and on its way to the VTS. A refused ticket is not used up. Tickets
   * of all callers are checked by one thread, in batches; {@link #newBatch} spreads them over more.
   *
   * @param price that the ticket must cover
   * @return never fails; what cannot be decided is a refusal with a retryable code
   */
  public CompletableFuture<TicketCheck> check(PresentedTicket presented, Price price) {
    CompletableFuture<TicketCheck> result = new CompletableFuture<>();
    try {
      desk.execute(() -> deskBatch.check(presented, price).thenAccept(result::complete));
    } catch (RejectedExecutionException e) {
      result.complete(
          new TicketCheck.Refused(
              TicketRefusal.OVERLOADED,
              desk.isShutdown()
                  ? "the merchant is closing"
                  : OutstandingTickets.MOST + " tickets are waiting to be checked"));
    }
    return result;
  }

  /**
   * A batch of its own for a thread that brings many tickets, an event loop for one: nothing
   * changes threads then.
   *
   * @param owner runs tasks one after the other, later, on the thread that calls {@link
   *     TicketBatch#check}
   */
  public TicketBatch newBatch(Executor owner) {
    return newBatch(owner, owner);
  }

  /**
   * The same for a thread whose executor runs a task that a task leaves before the thread looks for
   * new work, as event loops do.
   *
   * @param nextRound runs a task after the thread has looked for new work once more, at once when
   *     there is none
   */
  public TicketBatch newBatch(Executor owner, Executor nextRound) {
    return new TicketBatch(parts, FastOpenings.of(secret), kernel, owner, nextRound);
  }

  /**
   * Makes a ticket good again whose content could not be had; what it won or lost stays.
   *
   * @param check what {@link #check} said: Won or Lost
   * @return whether it is; terms of a losing ticket's escrow come from the cache, and unknown ones
   *     leave it as it was
   */
  public CompletableFuture<Boolean> reopen(PresentedTicket presented, TicketCheck check) {
    return parts
        .escrows()
        .lookup(presented.ticket().termsDigest())
        .handle(
            (facts, failure) ->
                failure == null
                    && facts.terms().isPresent()
                    && parts
                        .till()
                        .reopen(
                            new TicketTill.Offer(
                                presented.counter(),
                                TicketBatch.type(facts.terms().get()),
                                check instanceof TicketCheck.Won)));
  }

  /** Numbers for people and programs, computed beside the tickets. */
  public CompletableFuture<MerchantReport> report() {
    return CompletableFuture.supplyAsync(this::reportNow, housekeeper);
  }

  private MerchantReport reportNow() {
    TicketTill till = parts.till();
    ClaimStore claims = parts.claims();
    return new MerchantReport(
        till.statistics(),
        claims.totals(),
        claims.pendingCount(),
        parts.sender().lastProblem(),
        parts.sender().failures(),
        till.checked(),
        till.batches(),
        parts.outstanding().size(),
        parts.escrows().size(),
        claims.isBroken()
            ? "wins cannot be stored"
            : till.fault().map(IOException::getMessage).orElse(""),
        kernel.name());
  }

  /** Winners without a final answer, oldest first. */
  public List<StoredClaim> pendingClaims() {
    return parts.claims().pending();
  }

  /** Winners with an answer, the newest 65,536, oldest first. */
  public Collection<StoredClaim> answeredClaims() {
    return parts.claims().answered();
  }

  /**
   * Reads every winner that a merchant has stored, with its receipt, those with an answer first and
   * each once; also beside the merchant that writes them.
   *
   * @param folder the merchant's
   * @throws MerchantStorageException when there are none, or the files are damaged
   */
  public static void storedClaims(Path folder, Consumer<StoredClaim> consumer) {
    ClaimStore.forEach(folder.resolve(CLAIMS), consumer);
  }

  /**
   * Checks what waits, stops claiming, closes the files. What is unanswered is claimed next time.
   * Batches of other threads are to be idle by then.
   */
  @Override
  public void close() {
    housekeeper.shutdownNow();
    desk.close();
    deskBatch.close();
    parts.sender().close();
    parts.claims().close();
    parts.till().close();
    try {
      lock.acquiredBy().close();
    } catch (IOException e) {
      throw new MerchantStorageException("merchant.lock: " + e.getMessage(), e);
    }
  }
}
