package org.micropay.vts.merchant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Terms;

/**
 * Runs the examples in the documentation of {@link Merchant} and {@link BuyerWallet}, word for
 * word, against a VTS over HTTP.
 */
class ExamplesTest {
  @TempDir Path folder;
  private HttpVts server;
  private final SpendingLimits limits = SpendingLimits.DEFAULT.withPerTicket(new Price(200_000));
  private final int refundHeight = 10_000;
  private final List<String> served = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    server = HttpVts.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void serve(TicketResult result) {
    served.add(result.isWon() ? "won" : "lost");
  }

  private void refuse(TicketRefusal code, String detail) {
    served.add(code + ": " + detail);
  }

  private Outpoint fund(PayoutScript script, long value) {
    assertEquals(34, script.length());
    assertEquals(101_000, value);
    return new Outpoint(Bytes32.fromHex("ef".repeat(32)), 1);
  }

  @Test
  void shouldRunTheMerchantsExample() throws IOException {
    URI vtsUrl = server.url();
    Network network = Network.REGTEST;
    PublicKey vtsKey = server.exchange().publicKey;
    PayoutScript payoutScript = Exchange.SCRIPT;
    BuyerWallet wallet = server.exchange().wallet(folder.resolve("wallet"));
    server.exchange().escrow(wallet, 100_000, 1);
    Path folder = this.folder.resolve("merchant");
    Function<Challenge, PresentedTicket> buyer =
        challenge ->
            wallet
                .pay(
                    challenge,
                    "shop",
                    limits
                        .withPerTicket(new Price(1L << 40))
                        .withPerSite(new Price(1L << 40))
                        .withPerDay(new Price(1L << 40)))
                .ticket();
    // example:merchant
    VtsHttpClient vts = new VtsHttpClient(vtsUrl);
    MerchantConfig config = MerchantConfig.of(network, vtsUrl, vtsKey, payoutScript);
    try (Merchant merchant = Merchant.open(folder, config, vts)) {
      Challenge challenge = merchant.ask(new Price(1_500)); // 1.5 satoshi, to the buyer
      PresentedTicket ticket = buyer.apply(challenge); // his answer
      switch (merchant.check(ticket, new Price(1_500)).join()) {
        case TicketCheck.Lost lost -> serve(TicketResult.lost(lost.opening()));
        case TicketCheck.Won won -> serve(TicketResult.won()); // claimed by itself
        case TicketCheck.Refused refused -> refuse(refused.code(), refused.detail());
      }
    }
    // example:end
    assertEquals(List.of("won"), served);
    assertExample("Merchant", "merchant");
    vts.close();
  }

  @Test
  void shouldRunTheBuyersExample() throws IOException {
    URI vtsUrl = server.url();
    Network network = Network.REGTEST;
    PublicKey vtsKey = server.exchange().publicKey;
    VtsHttpClient vts = new VtsHttpClient(vtsUrl);
    Merchant merchant =
        Merchant.open(
            this.folder.resolve("merchant"),
            MerchantConfig.of(network, vtsUrl, vtsKey, Exchange.SCRIPT),
            vts);
    Function<PresentedTicket, TicketResult> shop =
        ticket ->
            switch (merchant.check(ticket, new Price(1_500)).join()) {
              case TicketCheck.Lost lost -> TicketResult.lost(lost.opening());
              case TicketCheck.Won won -> TicketResult.won();
              case TicketCheck.Refused refused -> throw new AssertionError(refused);
            };
    Path folder = this.folder.resolve("wallet");
    // example:buyer
    try (BuyerWallet wallet = BuyerWallet.create(folder, network, vtsUrl, vtsKey)) {
      WalletEscrow draft = wallet.draft(101_000, 100_000, 1_000, refundHeight); // 100 sat a ticket
      Outpoint funding = fund(wallet.script(draft.index()), draft.value()); // any Bitcoin wallet
      wallet.funded(draft.index(), funding);
      wallet.register(draft.index(), vts); // once the funding is confirmed
      Challenge challenge = merchant.ask(new Price(1_500)); // what a 402 answer carries
      BuyerWallet.Payment payment = wallet.pay(challenge, "shop.example", limits);
      TicketResult result = shop.apply(payment.ticket()); // with the request, to the merchant
      wallet.learn(payment, result); // a loss frees the escrow for the next ticket
    }
    // example:end
    try (BuyerWallet wallet = BuyerWallet.open(folder)) {
      WalletEscrow escrow = wallet.status().escrows().getFirst();
      assertEquals(1, escrow.tickets());
      assertEquals(new Price(100_000), wallet.status().spentToday());
      assertTrue(
          escrow.state() == WalletEscrow.State.FREE || escrow.state() == WalletEscrow.State.WON);
      Optional<Terms> terms = escrow.decodedTerms();
      assertEquals(vtsKey, terms.orElseThrow().vtsKey());
    }
    assertExample("BuyerWallet", "buyer");
    merchant.close();
    vts.close();
  }

  /** The lines of this file between the markers are those of the class comment. */
  private static void assertExample(String type, String name) throws IOException {
    Path module = Path.of(System.getProperty("vts.root", "..")).resolve("merchant/src");
    String packagePath = "java/org/micropay/vts/merchant/";
    List<String> documented =
        between(
            Files.readAllLines(module.resolve("main/" + packagePath + type + ".java")),
            "{@code",
            "}</pre>");
    List<String> run =
        between(
            Files.readAllLines(module.resolve("test/" + packagePath + "ExamplesTest.java")),
            "// example:" + name,
            "// example:end");
    assertEquals(String.join("\n", run), String.join("\n", documented));
  }

  private static List<String> between(List<String> lines, String from, String to) {
    return lines.stream()
        .map(line -> line.strip().replaceFirst("^\\* ?", "").strip())
        .dropWhile(line -> !line.contains(from))
        .skip(1)
        .takeWhile(line -> !line.contains(to))
        .filter(line -> !line.isEmpty())
        .collect(Collectors.toList());
  }
}
