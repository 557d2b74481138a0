package org.micropay.vts.merchant;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;

/**
 * A buyer's wallet in a folder (mode 0700): the seed, 32 raw bytes that never pass through the
 * heap, and a JSON file with escrows, outstanding tickets and what was spent. A ticket is on disk
 * before anyone gets it, so that no crash makes a buyer sign a second one on the same escrow.
 * <!-- example:buyer -->
 *
 * <pre>{@code
 * try (BuyerWallet wallet = BuyerWallet.create(folder, network, vtsUrl, vtsKey)) {
 *   WalletEscrow draft = wallet.draft(101_000, 100_000, 1_000, refundHeight); // 100 sat a ticket
 *   Outpoint funding = fund(wallet.script(draft.index()), draft.value()); // any Bitcoin wallet
 *   wallet.funded(draft.index(), funding);
 *   wallet.register(draft.index(), vts); // once the funding is confirmed
 *   Challenge challenge = merchant.ask(new Price(1_500)); // what a 402 answer carries
 *   BuyerWallet.Payment payment = wallet.pay(challenge, "shop.example", limits);
 *   TicketResult result = shop.apply(payment.ticket()); // with the request, to the merchant
 *   wallet.learn(payment, result); // a loss frees the escrow for the next ticket
 * }
 * }</pre>
 *
 * <!-- example:end -->
 *
 * <p>Thread-safe, and safe beside other processes: each change takes the folder's lock, reads the
 * file, and replaces it whole.
 */
public final class BuyerWallet implements AutoCloseable {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String SEED = "seed.key";

  private final Path folder;
  private final WalletFile file;
  private final SecretKey seed;
  private long spentByRun;

  /**
   * A ticket and the escrow that it is on.
   *
   * @param escrow index of it
   * @param ticket for the merchant
   * @param worth its expected value
   */
  public record Payment(long escrow, PresentedTicket ticket, Price worth) {}

  /**
   * A wallet at a glance.
   *
   * @param network chain
   * @param vts base URL of the VTS
   * @param vtsKey key that counter-signs
   * @param escrows all of them
   * @param spentToday expected value of today's tickets
   */
  public record Status(
      Network network, URI vts, PublicKey vtsKey, List<WalletEscrow> escrows, Price spentToday) {}

  private BuyerWallet(Path folder, SecretKey seed) {
    this.folder = folder;
    this.file = new WalletFile(folder);
    this.seed = seed;
  }

  /**
   * Makes the folder with a new seed.
   *
   * @throws MerchantStorageException when there is a wallet already
   */
  public static BuyerWallet create(Path folder, Network network, URI vts, PublicKey vtsKey) {
    try {
      WalletFile file = new WalletFile(folder);
      if (Files.exists(folder.resolve(SEED)) || file.exists()) {
        throw new MerchantStorageException(
            folder + " holds a wallet already; it is not overwritten");
      }
      PrivateFile.makeFolder(folder);
      try (SecretKey seed = SecretKey.generate()) {
        seed.writeTo(folder.resolve(SEED));
      }
      file.create(
          new WalletData(
              WalletData.VERSION,
              network.id(),
              vts.toString(),
              vtsKey.toHex(),
              0,
              List.of(),
              List.of(),
              List.of()));
      return open(folder);
    } catch (IOException e) {
      throw new MerchantStorageException(folder + ": " + e.getMessage(), e);
    }
  }

  /** Whether a folder holds a wallet, readable or not. */
  public static boolean isIn(Path folder) {
    return new WalletFile(folder).exists();
  }

  /**
   * Opens a wallet.
   *
   * @throws MerchantStorageException when there is none, or others may read it
   */
  public static BuyerWallet open(Path folder) {
    try {
      if (!new WalletFile(folder).exists()) {
        throw new MerchantStorageException(folder + " holds no wallet");
      }
      BuyerWallet wallet = new BuyerWallet(folder, SecretKey.fromFile(folder.resolve(SEED)));
      wallet.file.read(data -> data);
      return wallet;
    } catch (IOException e) {
      throw new MerchantStorageException(e.getMessage(), e);
    }
  }

  // ---- escrows

  /**
   * Plans an escrow; its script wants {@code value} satoshi next.
   *
   * @param value satoshi to lock; what exceeds the payout may pay the release's fee
   * @param payout satoshi of a winner
   * @param odds N of 1/N: a ticket is worth payout / odds
   * @param refundHeight from this block on the coins can be taken back
   */
  public WalletEscrow draft(long value, long payout, int odds, int refundHeight) {
    return file.change(
        data -> {
          long index = data.nextIndex();
          String key;
          try (SecretKey derived = seed.derive(index)) {
            key = PublicKey.of(derived.publicKey()).toHex();
          }
          WalletEscrow escrow =
              new WalletEscrow(
                  index,
                  WalletEscrow.State.DRAFT,
                  value,
                  payout,
                  odds,
                  refundHeight,
                  key,
                  null,
                  null,
                  null,
                  null,
                  null,
                  0);
          // Out of range numbers show before anything is funded.
          escrow
              .draft(Network.ofId(data.network()), PublicKey.fromHex(data.vtsKey()))
              .terms(new Outpoint(Bytes32.ZERO, 0));
          List<WalletEscrow> escrows = new ArrayList<>(data.escrows());
          escrows.add(escrow);
          return new WalletFile.Change<>(data.withNextIndex(index + 1).with(escrows), escrow);
        });
  }

  /** The output script that a draft's coins go to, a P2WSH of 34 bytes. */
  public PayoutScript script(long index) {
    return file.read(data -> draftOf(data, index).script().scriptPubKey());
  }

  private static EscrowDraft draftOf(WalletData data, long index) {
    return escrowOf(data, index)
        .draft(Network.ofId(data.network()), PublicKey.fromHex(data.vtsKey()));
  }

  private static WalletEscrow escrowOf(WalletData data, long index) {
    return data.escrows().stream()
        .filter(e -> e.index() == index)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the wallet has no escrow " + index));
  }

  /** Notes where a draft's coins are. */
  public WalletEscrow funded(long index, Outpoint outpoint) {
    return replace(
        index,
        (data, escrow) -> {
          if (escrow.state() != WalletEscrow.State.DRAFT) {
            throw new IllegalStateException(
                "escrow %d is %s: its funding is known already".formatted(index, escrow.state()));
          }
          return escrow.withTerms(draftOf(data, index).terms(outpoint));
        });
  }

  /** The signed registration of a funded escrow. */
  public Registration registration(long index) {
    Terms terms =
        file.read(data -> escrowOf(data, index))
            .decodedTerms()
            .orElseThrow(() -> new IllegalStateException("escrow " + index + " is not funded"));
    try (SecretKey key = seed.derive(index)) {
      return TicketSigner.registration(key, terms, Optional.<Deposit>empty());
    }
  }

  /** Registers a funded escrow and notes the answer; REGISTERED makes it free to pay with. */
  public VtsHttpClient.Answer register(long index, VtsHttpClient vts) {
    VtsHttpClient.Answer answer = vts.register(registration(index));
    if (answer.code() == AnswerCode.REGISTERED) {
      markRegistered(index);
    }
    return answer;
  }

  /** Notes that the VTS has registered a funded escrow. */
  public WalletEscrow markRegistered(long index) {
    return replace(
        index,
        (data, escrow) -> escrow.state() == WalletEscrow.State.FUNDED ? escrow.free() : escrow);
  }

  /**
   * Hands a free escrow of a test network over to another wallet; this one never pays with it
   * again.
   *
   * @throws IllegalStateException when it is not free, or on mainnet
   */
  public EscrowExport export(long index) {
    Network network = status().network();
    if (network == Network.MAINNET) {
      throw new IllegalStateException("escrows of mainnet are not exported; use a test network");
    }
    WalletEscrow exported =
        replace(
            index,
            (data, escrow) -> {
              if (escrow.state() != WalletEscrow.State.FREE) {
                throw new IllegalStateException("escrow " + index + " is " + escrow.state());
              }
              return escrow.withState(WalletEscrow.State.EXPORTED);
            });
    try (SecretKey key = seed.derive(index)) {
      return EscrowExport.of(key, network, exported.decodedTerms().orElseThrow(), folder);
    } catch (IOException e) {
      throw new MerchantStorageException(folder + ": " + e.getMessage(), e);
    }
  }

  // ---- paying

  /**
   * Signs a ticket for a challenge with the cheapest escrow that covers the price, and stores it
   * before it returns.
   *
   * @param site who is paid, host and port; limits are counted by it
   * @throws CannotPayException when a limit or the lack of an escrow forbids it
   */
  public Payment pay(Challenge challenge, String site, SpendingLimits limits) {
    Instant instant = Instant.now();
    WalletRules.requireFresh(challenge, instant);
    long now = instant.getEpochSecond();
    return file.change(
        data -> {
          WalletRules.requireNewCommitment(data, challenge);
          WalletEscrow escrow = WalletRules.choose(data, challenge);
          Terms terms = escrow.decodedTerms().orElseThrow();
          Price worth = Price.ofTicket(terms);
          SpendingBook.requireWithin(data, worth, site, limits, new Price(spentByRun), now);
          Ticket ticket = sign(escrow, terms, challenge, now);
          PresentedTicket presented = new PresentedTicket(challenge.counter(), ticket);
          WalletData paid =
              withEscrow(data, escrow.withTicket(presented, site, now))
                  .withSpending(SpendingBook.with(data, site, worth, now))
                  .withCommitment(challenge.ask().commitment());
          spentByRun += worth.msat();
          return new WalletFile.Change<>(paid, new Payment(escrow.index(), presented, worth));
        });
  }

  private Ticket sign(WalletEscrow escrow, Terms terms, Challenge challenge, long now) {
    byte[] r2 = new byte[Bytes16.LENGTH];
    RANDOM.nextBytes(r2);
    try (SecretKey key = seed.derive(escrow.index())) {
      // The ask's whole life on top, so that the ticket is good whenever it arrives.
      long expiry = Math.max(now, challenge.askExpires()) + challenge.minExpirySeconds();
      return TicketSigner.ticket(key, terms, challenge.ask(), Bytes16.of(r2), expiry);
    }
  }

  /**
   * Takes the merchant's word on a payment: an opening that is the ticket's and shows a loss frees
   * the escrow; a win spends it; anything else leaves it outstanding.
   *
   * @return the escrow as it stands then
   */
  public WalletEscrow learn(Payment payment, TicketResult result) {
    return replace(
        payment.escrow(),
        (data, escrow) -> WalletRules.learned(escrow, payment.ticket().ticket(), result));
  }

  /**
   * Asks the VTS about escrows whose outcome is not known: a grant spends one; a live escrow is
   * free again once its ticket has expired.
   *
   * @param tickets also escrows whose ticket a merchant calls won
   * @return escrows that are free now and were not
   */
  public int refresh(EscrowSource vts, long vtsSeconds) {
    int freed = 0;
    for (WalletEscrow escrow : status().escrows()) {
      boolean open =
          escrow.state() == WalletEscrow.State.OUTSTANDING
              || escrow.state() == WalletEscrow.State.WON;
      if (!open || escrow.decodedTicket().isEmpty()) {
        continue;
      }
      EscrowFacts facts = vts.lookup(escrow.decodedTerms().orElseThrow().digest()).join();
      boolean expired = escrow.decodedTicket().get().expiry() < vtsSeconds;
      WalletEscrow now =
          replace(escrow.index(), (data, e) -> WalletRules.told(e, escrow, facts.state(), expired));
      freed += now.state() == WalletEscrow.State.FREE ? 1 : 0;
    }
    return freed;
  }

  // ---- refund

  /**
   * Signs the refund of an escrow; broadcast it from the refund height on.
   *
   * @param target where the coins go
   * @param feeRate satoshi per vbyte
   */
  public RefundTransaction refund(long index, PayoutScript target, long feeRate) {
    Terms terms =
        file.read(data -> escrowOf(data, index))
            .decodedTerms()
            .orElseThrow(() -> new IllegalStateException("escrow " + index + " is not funded"));
    RefundTransaction refund;
    try (SecretKey key = seed.derive(index)) {
      refund = RefundTransaction.sign(key, terms, target, feeRate);
    }
    replace(index, (data, escrow) -> escrow.withState(WalletEscrow.State.REFUNDED));
    return refund;
  }

  /** The wallet as it stands. */
  public Status status() {
    long now = Instant.now().getEpochSecond();
    return file.read(
        data ->
            new Status(
                Network.ofId(data.network()),
                URI.create(data.vts()),
                PublicKey.fromHex(data.vtsKey()),
                data.escrows(),
                SpendingBook.spentOnDayOf(data, now)));
  }

  private interface Edit {
    WalletEscrow apply(WalletData data, WalletEscrow escrow);
  }

  private WalletEscrow replace(long index, Edit edit) {
    return file.change(
        data -> {
          WalletEscrow changed = edit.apply(data, escrowOf(data, index));
          return new WalletFile.Change<>(withEscrow(data, changed), changed);
        });
  }

  private static WalletData withEscrow(WalletData data, WalletEscrow changed) {
    UnaryOperator<WalletEscrow> swap = e -> e.index() == changed.index() ? changed : e;
    return data.with(data.escrows().stream().map(swap).toList());
  }

  @Override
  public void close() {
    seed.close();
  }
}
