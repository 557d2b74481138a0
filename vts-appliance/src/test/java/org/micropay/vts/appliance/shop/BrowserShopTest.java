package org.micropay.vts.appliance.shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.Browser;
import org.micropay.vts.appliance.testing.Poll;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.merchant.MerchantConfig;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.TicketSigner;
import org.micropay.vts.merchant.WalletEscrow;
import org.micropay.vts.proxy.PayingProxy;
import org.micropay.vts.proxy.ProxyConfig;
import org.micropay.vts.proxy.ShopPages;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Terms;

/**
 * A reader's browser at the demo shop, on a VTS with the embedded chain: tickets that the page
 * signs are the ones that Java signs, to the byte; articles are bought, counted, refused, won.
 */
class BrowserShopTest {
  private static final Price PRICE = new Price(500);
  private static final List<String> SCRIPTS =
      List.of(
          "0014" + "5b".repeat(20),
          "a914" + "5b".repeat(20) + "87",
          "76a914" + "5b".repeat(20) + "88ac",
          "0020" + "5b".repeat(32),
          "5120" + "5b".repeat(32));

  /** At these odds no ticket of a test wins; one is worth half a satoshi. */
  private static final int NEVER = 1_000_000_000;

  private static final long HUGE = 500_000_000;

  @TempDir Path folder;
  private TestServer vts;
  private Merchant merchant;
  private PayingProxy proxy;
  private Browser browser;
  private long payout = HUGE;
  private int odds = NEVER;

  @BeforeEach
  void open() throws IOException {
    browser = Browser.start(folder);
    vts = TestServer.start(folder.resolve("vts"));
    PayoutScript script = PayoutScript.fromHex(SCRIPTS.getFirst());
    merchant =
        Merchant.open(
            folder.resolve("merchant"),
            MerchantConfig.of(Network.REGTEST, vts.httpUri(), vts.vtsKey(), script),
            vts.http());
    BuyerWallet.create(folder.resolve("buyer"), Network.REGTEST, vts.httpUri(), vts.vtsKey())
        .close();
    ShopPages pages = new ShopPages(Network.REGTEST, PRICE, Optional.of(this::escrow));
    ProxyConfig config = ProxyConfig.onLoopback(ShopPages.prices(PRICE));
    proxy = PayingProxy.withShop(pages, merchant, config);
    browser.open(at("/"));
    browser.until("document.body?.dataset.ready === 'true'");
  }

  @AfterEach
  void close() {
    for (AutoCloseable part : Arrays.asList(browser, proxy, merchant, vts)) {
      try {
        if (part != null) {
          part.close();
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  private URI at(String path) {
    return URI.create("http://127.0.0.1:" + proxy.port() + path);
  }

  private String escrow() throws IOException {
    try (BuyerWallet wallet = BuyerWallet.open(folder.resolve("buyer"))) {
      WalletEscrow draft = wallet.draft(payout + 1_000, payout, odds, TestServer.REFUND_HEIGHT);
      String script = wallet.script(draft.index()).toHex();
      Outpoint funding = vts.fund(List.of(TestServer.output(script, draft.value()))).getFirst();
      vts.mine(TestServer.MIN_CONFIRMATIONS);
      wallet.funded(draft.index(), funding);
      wallet.register(draft.index(), vts.http());
      return new ObjectMapper().writeValueAsString(wallet.export(draft.index()));
    }
  }

  private void getEscrow() {
    browser.click("#get");
    browser.until("document.getElementById('state').dataset.phase === 'FREE'");
  }

  private void buy(String name) {
    browser.click("button[data-path='/articles/%s']".formatted(name));
  }

  private void await(String name) {
    browser.until(
        "document.getElementById('reader').dataset.path === '/articles/%s'".formatted(name));
    browser.until("document.querySelector('[aria-busy]') === null");
  }

  private String stored() {
    return browser.value("localStorage.getItem('vts-wallet')").asText();
  }

  @Test
  void shouldSignTheTicketsThatJavaSigns() throws IOException {
    long seed = Long.getLong("vts.seed", new Random().nextLong());
    System.out.println("BrowserShopTest -Dvts.seed=" + seed);
    Random random = new Random(seed);
    int[] heights = {1, 16, 17, 127, 128, 255, 256, 32_767, 32_768, 8_388_608, 499_999_999};
    List<List<Object>> inputs = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 2 * heights.length; i++) {
      byte[] secret = bytes(random, 32);
      secret[0] &= 0x7F;
      byte[] r2 = bytes(random, 16);
      long expiry = random.nextLong(1L << 32);
      Ask ask =
          new Ask(
              Bytes32.of(bytes(random, 32)), PayoutScript.fromHex(SCRIPTS.get(i % SCRIPTS.size())));
      String secretHex = HexFormat.of().formatHex(secret);
      try (SecretKey key = SecretKey.moveFrom(secret)) {
        Terms terms = terms(random, key, heights[i % heights.length]);
        inputs.add(
            List.of(
                secretHex,
                terms.toBase64Url(),
                ask.toBase64Url(),
                HexFormat.of().formatHex(r2),
                expiry));
        expected.add(TicketSigner.ticket(key, terms, ask, Bytes16.of(r2), expiry).toBase64Url());
      }
    }
    JsonNode signed =
        browser.value(
            """
            import('/page/protocol.js').then((p) => Promise.all(%s.map(
              async ([secret, terms, ask, r2, expiry]) => p.base64url(await p.signTicket(
                p.fromHex(secret), p.decodeTerms(p.fromBase64url(terms)), p.fromBase64url(ask),
                p.fromHex(r2), expiry)))))
            """
                .formatted(new ObjectMapper().writeValueAsString(inputs)));
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i), signed.path(i).asText(), "seed " + seed + ", ticket " + i);
    }
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static Terms terms(Random random, SecretKey key, int refundHeight) {
    long value = random.nextLong(1_000, 2_100_000_000_000_000L);
    try (SecretKey other = SecretKey.moveFrom(oddKey(random))) {
      return new Terms(
          Network.REGTEST.magic(),
          new Outpoint(Bytes32.of(bytes(random, 32)), random.nextInt()),
          value,
          random.nextLong(600, value),
          random.nextInt(1, Integer.MAX_VALUE),
          refundHeight,
          PublicKey.of(key.publicKey()),
          PublicKey.of(other.publicKey()));
    }
  }

  private static byte[] oddKey(Random random) {
    byte[] secret = bytes(random, 32);
    secret[0] &= 0x7F;
    return secret;
  }

  @Test
  void shouldBuyUpToTheLimitAndNeverShowTheKey() throws IOException {
    getEscrow();
    browser.value(
        """
        document.getElementById('limit').value = '1.5';
        document.getElementById('limit').dispatchEvent(new Event('change'))\
        """);
    for (String name : List.of("one-in-n", "two-halves", "one-escrow")) {
      buy(name);
      await(name);
    }
    assertEquals("3", browser.text("#tickets"));
    assertEquals("1.500 sat", browser.text("#cost"), "three times half a satoshi");
    assertEquals("0", browser.text("#wins"));
    assertEquals(3, merchant.report().join().statistics().tickets());

    buy("who-watches");
    browser.until("document.getElementById('dialog').open");
    assertEquals(3, merchant.report().join().statistics().tickets(), "asks before it pays");
    browser.click("#dialog-no");
    browser.until("document.getElementById('error').dataset.code === 'LIMIT_REACHED'");
    assertEquals("3", browser.text("#tickets"));
    buy("who-watches");
    browser.until("document.getElementById('dialog').open");
    browser.click("#dialog-yes");
    await("who-watches");
    assertEquals("2.000 sat", browser.text("#cost"));
    looks("bought");

    String key = new ObjectMapper().readTree(stored()).path("escrow").path("secretKey").asText();
    assertEquals(64, key.length());
    assertFalse(browser.value("document.documentElement.outerHTML").asText().contains(key));
    String own = at("").toString();
    assertTrue(
        browser.requests().stream().allMatch(u -> u.startsWith(own) || u.startsWith("about:")),
        browser.requests().toString());
    assertEquals(List.of(), browser.problems());
  }

  /** Pictures for a person, where one asks for them: -Dvts.screenshots=DIR. */
  private void looks(String name) throws IOException {
    String pictures = System.getProperty("vts.screenshots");
    if (pictures != null) {
      for (boolean dark : new boolean[] {false, true}) {
        for (int width : new int[] {390, 1180}) {
          String file = name + "-" + width + (dark ? "-dark" : "-light") + ".png";
          browser.screenshot(Path.of(pictures, file), width, dark);
        }
      }
    }
  }

  @Test
  void shouldRefuseReplayedAndForgedTickets() {
    getEscrow();
    // Keeps what the page sends, and breaks the last digit of the second ticket's signature.
    browser.value(
        """
        window.sent = []; window.sendReally = window.fetch; window.forge = false;
        window.fetch = (path, options) => {
          const ticket = options?.headers?.Authorization;
          if (ticket && window.forge) {
            const at = ticket.length - 40;
            const other = ticket[at] === 'A' ? 'B' : 'A';
            options.headers.Authorization = ticket.slice(0, at) + other + ticket.slice(at + 1);
          }
          if (ticket) window.sent.push(ticket);
          return window.sendReally.call(window, path, options);
        }\
        """);
    buy("one-in-n");
    await("one-in-n");
    JsonNode replayed =
        browser.value(
            """
            window.sendReally.call(window, '/articles/two-halves',
              {headers: {Authorization: window.sent[0], Accept: 'application/problem+json'}})
              .then(async (r) => ({status: r.status, code: (await r.json()).code}))\
            """);
    assertEquals(402, replayed.path("status").asInt());
    assertEquals("REDEEMED", replayed.path("code").asText());
    browser.value("window.forge = true");
    buy("two-halves");
    browser.until("document.getElementById('error').dataset.code === 'BAD_SPEND_SIGNATURE'");
    assertEquals(1, merchant.report().join().statistics().tickets());
    browser.value("window.forge = false");
    buy("two-halves");
    await("two-halves");
    assertEquals("2", browser.text("#tickets"), "the same ticket, sent again as it was signed");
  }

  @Test
  void shouldClaimAWinnerAndSaySo() throws IOException {
    payout = 1_000;
    odds = 1;
    getEscrow();
    browser.value(
        """
        document.getElementById('limit').value = '5000';
        document.getElementById('limit').dispatchEvent(new Event('change'))\
        """);
    buy("what-a-win-looks-like");
    await("what-a-win-looks-like");
    assertEquals("1", browser.text("#wins"));
    assertEquals("1,000.000 sat", browser.text("#cost"));
    assertEquals("WON", browser.value("document.getElementById('state').dataset.phase").asText());
    Poll.until("the VTS grants", () -> merchant.pendingClaims().isEmpty());
    assertEquals(1_000, merchant.report().join().claims().grantedSatoshi());
    buy("one-in-n");
    browser.until("document.getElementById('error').dataset.code === 'ESCROW_SPENT'");
    looks("won");
  }

  @Test
  void shouldRefuseMainnet() {
    JsonNode refused =
        browser.value(
            """
            Promise.all([import('/page/wallet.js'), import('/page/protocol.js')]).then(([w, p]) => {
              const bytes = new Uint8Array(130);
              bytes.set([0xf9, 0xbe, 0xb4, 0xd9]);
              const view = new DataView(bytes.buffer);
              view.setBigUint64(40, 2000n, true);
              view.setBigUint64(48, 1000n, true);
              view.setUint32(56, 10, true);
              view.setUint32(60, 10, true);
              try {
                new w.Wallet(localStorage).importEscrow({type: 'vts-test-escrow', version: 1,
                  network: 'mainnet', terms: p.base64url(bytes), secretKey: '11'.repeat(32)},
                  'mainnet');
                return 'taken';
              } catch (e) { return e.code; }
            })\
            """);
    assertEquals("MAINNET", refused.asText());
  }
}
