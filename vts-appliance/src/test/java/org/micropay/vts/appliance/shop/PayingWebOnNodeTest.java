package org.micropay.vts.appliance.shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.appliance.demo.FeeCoins;
import org.micropay.vts.appliance.server.VtsServer;
import org.micropay.vts.appliance.testing.CommandRun;
import org.micropay.vts.appliance.testing.Nodes;
import org.micropay.vts.appliance.testing.Poll;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.merchant.MerchantConfig;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.proxy.PayingProxy;
import org.micropay.vts.proxy.PriceList;
import org.micropay.vts.proxy.ProxyConfig;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.RegtestNode;
import org.micropay.vts.settlement.Utxo;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;

/**
 * The way that a buyer and a merchant go with real coins, on a real node: the wallet prints where
 * the coins go, the node funds it, {@code vts pay} buys, the winner is claimed, settled and mined.
 */
class PayingWebOnNodeTest {
  private static final long VALUE = 11_000;
  private static final PayoutScript SCRIPT = PayoutScript.fromHex("0014" + "5c".repeat(20));

  @TempDir Path folder;

  private Path configuration(RegtestNode node) throws IOException {
    Files.createDirectories(folder.resolve("vts/keys"));
    for (String name : List.of("vts.key", "fee.key")) {
      try (SecretKey key = SecretKey.generate()) {
        key.writeTo(folder.resolve("vts/keys").resolve(name));
        if (name.startsWith("fee")) {
          node.fund(FeeCoins.script(PublicKey.of(key.publicKey())), 1_000_000);
        }
      }
    }
    return Files.writeString(
        folder.resolve("vts/vts.toml"),
        """
        [chain]
        kind = "bitcoind"
        network = "regtest"
        rpc = "127.0.0.1:%d"
        cookie_file = "%s"
        [policy]
        min_confirmations = 1
        refund_margin = 6
        capacity = 1000
        [stream]
        listen = "127.0.0.1:0"
        [http]
        listen = "127.0.0.1:0"
        [settlement]
        max_age_seconds = 1
        confirmations = 1
        [threads]
        pin = false
        ring_size = 1024
        """
            .formatted(node.rpcPort(), node.cookieFile()));
  }

  private static void assertDone(CommandRun run) {
    assertEquals(0, run.exit(), run.err());
  }

  @Test
  void shouldBuyFromAFileServerAndSettleOnTheNode() throws IOException {
    String wallet = folder.resolve("buyer").toString();
    Path site = Files.createDirectory(folder.resolve("site"));
    Files.writeString(site.resolve("a.txt"), "an article\n");
    HttpServer files =
        SimpleFileServer.createFileServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            site.toAbsolutePath(),
            SimpleFileServer.OutputLevel.NONE);
    files.start();
    try (RegtestNode node = Nodes.start(folder.resolve("node"))) {
      node.mature(5);
      Path config = configuration(node);
      node.mine(1);
      try (VtsServer server = VtsServer.start(ConfigFile.read(config), (stage, cause) -> {})) {
        URI url = URI.create("http://127.0.0.1:" + server.httpAddress().getPort());
        Poll.until("the server is ready", () -> server.readiness().ready());
        try (VtsHttpClient vts = new VtsHttpClient(url);
            Merchant merchant =
                Merchant.open(
                    folder.resolve("merchant"),
                    MerchantConfig.of(Network.REGTEST, url, vtsKey(vts), SCRIPT),
                    vts);
            PayingProxy proxy =
                PayingProxy.before(
                    URI.create("http://127.0.0.1:" + files.getAddress().getPort()),
                    merchant,
                    ProxyConfig.onLoopback(
                        new PriceList(List.of(new PriceList.Rule("/**", new Price(1_000))))))) {
          Outpoint escrow = escrow(node, url, wallet);
          takeBack(node, wallet);
          CommandRun bought =
              CommandRun.of(
                  "pay",
                  "-w",
                  wallet,
                  "http://127.0.0.1:" + proxy.port() + "/a.txt",
                  "--max-price",
                  "10000",
                  "--limit-site",
                  "10000");
          assertDone(bought);
          assertEquals("an article\n", bought.out());
          assertTrue(bought.err().contains("it won"), bought.err());
          Poll.until("the winner is answered", () -> merchant.pendingClaims().isEmpty());
          assertEquals(10_000, merchant.report().join().claims().grantedSatoshi());
          Poll.until("the escrow is spent on the chain", () -> isSpent(node, escrow));
        }
      }
    } finally {
      files.stop(0);
    }
  }

  private static PublicKey vtsKey(VtsHttpClient vts) {
    return PublicKey.fromHex(vts.get("/v1/supported").body().path("vtsKey").asText());
  }

  /** Made, printed, funded by the node, and registered as a person would. */
  private static Outpoint escrow(RegtestNode node, URI url, String wallet) {
    assertDone(CommandRun.of("buyer", "init", "-w", wallet, "-s", url.toString()));
    CommandRun planned =
        CommandRun.of("buyer", "fund", "-w", wallet, "--odds", "1", "--payout", "10000", "--json");
    assertDone(planned);
    String address = planned.json().path("escrows").path(0).path("address").asText();
    byte[] script = org.micropay.vts.ticket.Address.decode(Network.REGTEST, address).toArray();
    assertEquals(34, script.length, HexFormat.of().formatHex(script));
    Outpoint escrow = node.fund(script, VALUE);
    CommandRun early = CommandRun.of("buyer", "register", "-w", wallet, "0", escrow.toString());
    assertEquals(75, early.exit(), "not mined yet: " + early.err());
    node.mine(1);
    Poll.until(
        "the escrow is registered",
        () -> CommandRun.of("buyer", "register", "-w", wallet, "0").exit() == 0);
    return escrow;
  }

  /** An escrow that nobody was paid from goes back to its buyer, by his node alone. */
  private static void takeBack(RegtestNode node, String wallet) {
    CommandRun planned =
        CommandRun.of(
            "buyer",
            "fund",
            "-w",
            wallet,
            "--payout",
            "10000",
            "--odds",
            "10",
            "--refund-blocks",
            "9",
            "--json");
    assertDone(planned);
    String address = planned.json().path("escrows").path(0).path("address").asText();
    Outpoint escrow =
        node.fund(
            org.micropay.vts.ticket.Address.decode(Network.REGTEST, address).toArray(), VALUE);
    // The VTS does not take it any more, its refund is too near; the wallet knows where it is.
    CommandRun.of("buyer", "register", "-w", wallet, "1", escrow.toString());
    node.mine(2);
    assertEquals(1, refund(node, wallet).exit(), "too early");
    node.mine(9);
    CommandRun refund = refund(node, wallet);
    assertDone(refund);
    assertEquals("accepted", refund.json().path("broadcast").asText());
    assertTrue(isSpent(node, escrow));
  }

  private static CommandRun refund(RegtestNode node, String wallet) {
    return CommandRun.of(
        "buyer",
        "refund",
        "-w",
        wallet,
        "1",
        "--to",
        org.micropay.vts.ticket.Address.encode(Network.REGTEST, SCRIPT),
        "--broadcast",
        "--rpc",
        "127.0.0.1:" + node.rpcPort(),
        "--cookie",
        node.cookieFile().toString(),
        "--json");
  }

  private static boolean isSpent(RegtestNode node, Outpoint escrow) {
    node.mine(1);
    Utxo left = node.chain().utxos(List.of(escrow)).get(escrow).orElse(null);
    return left == null;
  }
}
