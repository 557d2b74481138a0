package org.micropay.vts.appliance.shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.Browser;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.merchant.MerchantConfig;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.WalletEscrow;
import org.micropay.vts.proxy.PayingProxy;
import org.micropay.vts.proxy.ProxyConfig;
import org.micropay.vts.proxy.ShopPages;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;

/** A reader whose line breaks behind the ticket: it is neither lost nor paid a second time. */
class BrowserStuckTicketTest {
  private static final Price PRICE = new Price(500);
  private static final int NEVER = 1_000_000_000;
  private static final long HUGE = 500_000_000;
  private static final int EXPIRY_AT = 80;

  @TempDir Path folder;

  @Test
  void shouldSendTheSameTicketUntilItsOutcomeIsKnownOrItHasExpired() throws IOException {
    try (TestServer vts = TestServer.start(folder.resolve("vts"));
        BuyerWallet wallet =
            BuyerWallet.create(
                folder.resolve("buyer"), Network.REGTEST, vts.httpUri(), vts.vtsKey());
        Merchant merchant =
            Merchant.open(
                folder.resolve("merchant"),
                MerchantConfig.of(
                    Network.REGTEST,
                    vts.httpUri(),
                    vts.vtsKey(),
                    PayoutScript.fromHex("0014" + "5b".repeat(20))),
                vts.http());
        PayingProxy proxy =
            PayingProxy.withShop(
                new ShopPages(Network.REGTEST, PRICE, Optional.of(() -> escrow(vts, wallet))),
                merchant,
                ProxyConfig.onLoopback(ShopPages.prices(PRICE)));
        CuttingFront line = CuttingFront.before(proxy.port());
        Browser browser = Browser.start(folder)) {
      open(browser, line);
      browser.click("#get");
      untilPhase(browser, "FREE");
      line.cut(true);
      buy(browser);
      browser.until("document.getElementById('error').dataset.code === 'UNREACHABLE'");
      assertTrue(line.cuts() > 0);
      String ticket = state(browser).path("outstanding").path("ticket").asText();
      open(browser, line);
      untilPhase(browser, "OUTSTANDING");
      buy(browser);
      browser.until("document.getElementById('error').dataset.code === 'UNREACHABLE'");
      assertEquals(ticket, state(browser).path("outstanding").path("ticket").asText());
      assertEquals(1, state(browser).path("tickets").asInt(), "no second ticket is signed");
      assertEquals(1, merchant.report().join().statistics().tickets());

      line.cut(false);
      buy(browser);
      browser.until("document.getElementById('status').textContent.includes('earlier ticket')");
      untilPhase(browser, "FREE");
      assertEquals(1, state(browser).path("tickets").asInt());
      buy(browser);
      browser.until("document.getElementById('reader').hidden === false");
      untilPhase(browser, "FREE");
      assertEquals(2, merchant.report().join().statistics().tickets());

      expire(browser, ticket);
      open(browser, line);
      untilPhase(browser, "OUTSTANDING");
      buy(browser);
      browser.until("document.getElementById('reader').hidden === false");
      untilPhase(browser, "FREE");
      assertEquals(3, merchant.report().join().statistics().tickets(), "the dead one is not sent");
    }
  }

  private static String escrow(TestServer vts, BuyerWallet wallet) throws IOException {
    WalletEscrow draft = wallet.draft(HUGE + 1_000, HUGE, NEVER, TestServer.REFUND_HEIGHT);
    String script = wallet.script(draft.index()).toHex();
    Outpoint funding =
        vts.fund(java.util.List.of(TestServer.output(script, draft.value()))).getFirst();
    vts.mine(TestServer.MIN_CONFIRMATIONS);
    wallet.funded(draft.index(), funding);
    wallet.register(draft.index(), vts.http());
    return new ObjectMapper().writeValueAsString(wallet.export(draft.index()));
  }

  private static void open(Browser browser, CuttingFront line) {
    browser.open(line.at("/"));
    browser.until("document.body?.dataset.ready === 'true'");
  }

  /** Whichever article is first. */
  private static void buy(Browser browser) {
    browser.value("delete document.getElementById('error').dataset.code");
    browser.click("#articles button");
    browser.until("document.querySelector('[aria-busy]') === null");
  }

  private static void untilPhase(Browser browser, String phase) {
    browser.until("document.getElementById('state').dataset.phase === '%s'".formatted(phase));
  }

  private static JsonNode state(Browser browser) throws IOException {
    return new ObjectMapper()
        .readTree(browser.value("localStorage.getItem('vts-wallet')").asText());
  }

  /** As if that ticket had been out for longer than it lives. */
  private static void expire(Browser browser, String ticket) throws IOException {
    byte[] bytes = Base64.getUrlDecoder().decode(ticket);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(EXPIRY_AT, 1_500_000_000);
    ObjectNode stored = (ObjectNode) state(browser);
    stored.put("phase", "OUTSTANDING");
    stored
        .putObject("outstanding")
        .put("path", "/articles/none")
        .put("counter", "0000000000000001")
        .put("ticket", Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    browser.value(
        "localStorage.setItem('vts-wallet', %s)".formatted(Browser.quoted(stored.toString())));
  }
}
