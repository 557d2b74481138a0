package org.micropay.vts.merchant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Terms;

class BuyerWalletTest {
  private static final Price PRICE = new Price(1_000);
  private static final long NOW = System.currentTimeMillis() / 1000;

  @TempDir Path folder;
  private final Exchange vts = new Exchange();

  private static SpendingLimits all() {
    Price all = new Price(1L << 52);
    return new SpendingLimits(all, all, all, all);
  }

  private BuyerWallet wallet() {
    return vts.wallet(folder.resolve("wallet"));
  }

  private static CannotPayException.Reason reason(Runnable pay) {
    return assertThrows(CannotPayException.class, pay::run).reason();
  }

  @Test
  void shouldKeepItsSecretsToItself() throws IOException {
    try (BuyerWallet wallet = wallet();
        Merchant merchant = vts.merchant(folder.resolve("merchant"))) {
      vts.escrow(wallet, 100_000, 100);
      wallet.pay(merchant.ask(PRICE), "shop", all());
      Path seed = folder.resolve("wallet/seed.key");
      String secret = HexFormat.of().formatHex(Files.readAllBytes(seed));
      String data = Files.readString(folder.resolve("wallet/wallet.json"));
      assertFalse(data.contains(secret));
      assertFalse(wallet.status().toString().contains(secret));
      for (String file : List.of("wallet/seed.key", "wallet/wallet.json", "merchant/asks.secret")) {
        assertEquals(
            "rw-------",
            PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(file))));
      }
      Files.setPosixFilePermissions(seed, PosixFilePermissions.fromString("rw-r--r--"));
      assertThrows(
          MerchantStorageException.class, () -> BuyerWallet.open(folder.resolve("wallet")));
    }
  }

  @Test
  void shouldNeverSignTwiceOnOneEscrowAlsoAfterACrash() {
    Terms terms;
    Challenge challenge;
    try (BuyerWallet wallet = wallet();
        Merchant merchant = vts.merchant(folder.resolve("merchant"))) {
      terms = vts.escrow(wallet, 100_000, 100);
      wallet.pay(merchant.ask(PRICE), "shop", all());
      challenge = merchant.ask(PRICE);
    }
    // Nothing told the wallet what became of the ticket.
    try (BuyerWallet wallet = BuyerWallet.open(folder.resolve("wallet"))) {
      assertEquals(
          CannotPayException.Reason.ALL_OUTSTANDING,
          reason(() -> wallet.pay(challenge, "shop", all())));
      assertEquals(0, wallet.refresh(vts, NOW));
      assertEquals(1, wallet.refresh(vts, NOW + 1_000_000), "expired, and the VTS says live");
      wallet.pay(challenge, "shop", all());
      vts.register(terms, EscrowState.GRANTED);
      wallet.refresh(vts, NOW);
      assertEquals(WalletEscrow.State.WON, wallet.status().escrows().getFirst().state());
    }
  }

  @Test
  void shouldNotPayUnderACommitmentTwiceAlsoAfterARestart() {
    Challenge challenge;
    try (BuyerWallet wallet = wallet();
        Merchant merchant = vts.merchant(folder.resolve("merchant"))) {
      vts.escrow(wallet, 100_000, 100);
      vts.escrow(wallet, 100_000, 100);
      challenge = merchant.ask(PRICE);
      wallet.pay(challenge, "shop", all());
      assertEquals(
          CannotPayException.Reason.COMMITMENT_USED,
          reason(() -> wallet.pay(challenge, "shop", all())));
    }
    try (BuyerWallet wallet = BuyerWallet.open(folder.resolve("wallet"))) {
      assertEquals(
          CannotPayException.Reason.COMMITMENT_USED,
          reason(() -> wallet.pay(challenge, "shop", all())));
      assertEquals(1, wallet.status().escrows().stream().mapToLong(WalletEscrow::tickets).sum());
    }
  }

  @Test
  void shouldKeepAnEscrowLockedWhoseOpeningIsNotTheTickets() {
    try (BuyerWallet wallet = wallet();
        Merchant merchant = vts.merchant(folder.resolve("merchant"))) {
      vts.escrow(wallet, 100_000, 100);
      BuyerWallet.Payment payment = wallet.pay(merchant.ask(PRICE), "shop", all());
      Opening other = new Opening(Bytes16.of(new byte[16]), Bytes16.of(new byte[16]));
      assertEquals(
          WalletEscrow.State.OUTSTANDING, wallet.learn(payment, TicketResult.lost(other)).state());
      assertEquals(
          CannotPayException.Reason.ALL_OUTSTANDING,
          reason(() -> wallet.pay(merchant.ask(PRICE), "shop", all())));
    }
  }

  @Test
  void shouldLetOnlyOneOfManyAtOnceHaveAnEscrow() {
    try (BuyerWallet wallet = wallet();
        BuyerWallet same = BuyerWallet.open(folder.resolve("wallet"));
        Merchant merchant = vts.merchant(folder.resolve("merchant"))) {
      vts.escrow(wallet, 100_000, 100);
      List<CompletableFuture<Boolean>> pays =
          IntStream.range(0, 16)
              .mapToObj(
                  i ->
                      CompletableFuture.supplyAsync(
                          () -> {
                            try {
                              (i % 2 == 0 ? wallet : same).pay(merchant.ask(PRICE), "shop", all());
                              return true;
                            } catch (CannotPayException e) {
                              return false;
                            }
                          }))
              .toList();
      assertEquals(1, pays.stream().filter(CompletableFuture::join).count());
    }
  }

  @Test
  void shouldKeepTheLimits() {
    Price worth = new Price(1_000_000);
    try (BuyerWallet wallet = wallet();
        Merchant merchant = vts.merchant(folder.resolve("merchant"))) {
      for (int i = 0; i < 4; i++) {
        vts.escrow(wallet, 100_000, 100);
      }
      assertEquals(
          CannotPayException.Reason.PRICE_ABOVE_LIMIT,
          reason(
              () -> wallet.pay(merchant.ask(PRICE), "a", all().withPerTicket(new Price(999_999)))));
      SpendingLimits two = all().withPerSite(new Price(2_000_000)).withPerDay(new Price(3_000_000));
      wallet.pay(merchant.ask(PRICE), "a", two.withPerTicket(worth));
      wallet.pay(merchant.ask(PRICE), "a", two);
      assertEquals(
          CannotPayException.Reason.SITE_LIMIT,
          reason(() -> wallet.pay(merchant.ask(PRICE), "a", two)));
      assertEquals(
          CannotPayException.Reason.RUN_LIMIT,
          reason(() -> wallet.pay(merchant.ask(PRICE), "b", two.withPerRun(worth))));
      wallet.pay(merchant.ask(PRICE), "b", two);
      assertEquals(
          CannotPayException.Reason.DAY_LIMIT,
          reason(() -> wallet.pay(merchant.ask(PRICE), "c", two)));
      assertEquals(new Price(3_000_000), wallet.status().spentToday());
      assertEquals(
          CannotPayException.Reason.NO_ESCROW,
          reason(() -> wallet.pay(merchant.ask(new Price(1_000_001)), "c", all())));
    }
  }

  @Test
  void shouldNotBelieveAFalseOpening() {
    try (BuyerWallet wallet = wallet();
        Merchant merchant = vts.merchant(folder.resolve("merchant"))) {
      vts.escrow(wallet, 100_000, 100);
      BuyerWallet.Payment payment = wallet.pay(merchant.ask(PRICE), "shop", all());
      TicketResult forged = TicketResult.lost(Opening.decode(new byte[Opening.LENGTH]));
      assertEquals(WalletEscrow.State.OUTSTANDING, wallet.learn(payment, forged).state());
      // A commitment used twice: the second ticket's fate is the second ticket's only.
      vts.escrow(wallet, 100_000, 100);
      Challenge reused = merchant.ask(PRICE);
      assertTrue(wallet.pay(reused, "shop", all()).escrow() != payment.escrow());
    }
  }

  @Test
  void shouldChooseTheCheapestEscrowThatCoversThePrice() {
    try (BuyerWallet wallet = wallet();
        Merchant merchant = vts.merchant(folder.resolve("merchant"))) {
      vts.escrow(wallet, 100_000, 10);
      Terms fits = vts.escrow(wallet, 100_000, 1_000);
      vts.escrow(wallet, 100_000, 100_000);
      assertEquals(
          fits.digest(),
          wallet
              .pay(merchant.ask(new Price(100_000)), "shop", all())
              .ticket()
              .ticket()
              .termsDigest());
    }
  }
}
