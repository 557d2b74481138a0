package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.appliance.demo.DemoProgress;
import org.micropay.vts.appliance.demo.FeeCoins;
import org.micropay.vts.appliance.server.VtsServer;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.merchant.WalletEscrow;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;

/**
 * What a merchant needs to be tried out: a VTS on the embedded test chain, which mines a block
 * every few seconds, and a buyer's wallet with coins. All in one folder, which a later demo
 * replaces.
 */
final class MerchantDemo implements AutoCloseable {
  private static final String MARK = "THIS-IS-A-DEMO";
  private static final int ESCROWS = 24;
  private static final long VALUE = 3_000;
  private static final long PAYOUT = 2_000;
  private static final long FEE_COIN = 1_000_000;
  private static final int FEE_COINS = 20;
  private static final int REFUND_BLOCKS = 100_000;
  private static final int MINE_SECONDS = 5;

  /** A ticket is worth two satoshi. */
  private static final int ODDS = 1_000;

  /** Of the shop's articles, and the worth of a ticket on an escrow that it gives away. */
  static final Price SHOP_PRICE = new Price(500);

  private static final int SHOP_ODDS = 4_000;
  private static final int MAX_GIVEN = 1_000;

  private static final String CONFIG =
      """
      # Written by vts merchant --demo.
      [chain]
      kind = "embedded"
      network = "regtest"
      [policy]
      min_confirmations = 1
      refund_margin = 6
      capacity = 65536
      [stream]
      listen = "127.0.0.1:0"
      [http]
      listen = "127.0.0.1:0"
      [settlement]
      max_age_seconds = 10
      confirmations = 1
      """;

  private static final String MERCHANT = "merchant";

  private final Path folder;
  private final VtsServer server;
  private final PayoutScript payoutScript;
  private int given;
  private final ScheduledExecutorService miner =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("demo-miner").unstarted(task));

  private MerchantDemo(Path folder, VtsServer server, PayoutScript payoutScript) {
    this.folder = folder;
    this.server = server;
    this.payoutScript = payoutScript;
  }

  /** Makes the folder, starts the VTS, funds the buyer. */
  static MerchantDemo start(DemoProgress progress, Path folder) {
    try {
      DemoProgress.Step step = progress.begin("a VTS on a test chain, a buyer with coins", ESCROWS);
      prepare(folder);
      VtsServer server =
          VtsServer.start(
              ConfigFile.read(folder.resolve("vts/vts.toml")),
              (stage, cause) -> Runtime.getRuntime().halt(ExitCode.INTERNAL.number()));
      MerchantDemo demo = new MerchantDemo(folder, server, newScript());
      demo.fund(step);
      demo.mine();
      step.done(ESCROWS + " escrows");
      return demo;
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE, "CANNOT_CREATE", folder + ": " + e.getMessage());
    }
  }

  private static void prepare(Path folder) throws IOException {
    if (Files.exists(folder) && !Files.exists(folder.resolve(MARK))) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE,
          "EXISTS",
          folder.toAbsolutePath() + " exists and is no demo's; run this in another folder");
    }
    if (isRunning(folder)) {
      throw new CommandException(
          ExitCode.NO_PERMISSION,
          "IN_USE",
          "a demo is running in " + folder.toAbsolutePath() + "; end it first");
    }
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(MerchantDemo::delete);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
    Files.createDirectories(folder.resolve("vts/keys"));
    Files.writeString(folder.resolve(MARK), "vts merchant --demo replaces this folder\n");
    for (String name : List.of("vts.key", "fee.key")) {
      try (SecretKey key = SecretKey.generate()) {
        key.writeTo(folder.resolve("vts/keys").resolve(name));
      }
    }
    Files.writeString(folder.resolve("vts/vts.toml"), CONFIG);
  }

  /** Whether a demo runs here: its merchant holds a lock as long. */
  private static boolean isRunning(Path folder) throws IOException {
    Path lock = folder.resolve(MERCHANT).resolve(Merchant.LOCK);
    if (!Files.exists(lock)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
        FileLock free = channel.tryLock()) {
      return free == null;
    } catch (OverlappingFileLockException e) {
      return true;
    }
  }

  private static void delete(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PayoutScript newScript() {
    try (SecretKey key = SecretKey.generate()) {
      // A key path output of a key that nobody keeps: the demo's winnings are worth nothing.
      return PayoutScript.fromHex(
          "5120" + HexFormat.of().formatHex(key.publicKey(), 1, PublicKey.LENGTH));
    }
  }

  private void fund(DemoProgress.Step step) {
    URI url = URI.create(vtsUrl());
    try (VtsHttpClient vts = new VtsHttpClient(url)) {
      awaitReady(vts);
      PublicKey key = PublicKey.fromHex(vts.get("/v1/supported").body().path("vtsKey").asText());
      try (BuyerWallet wallet =
          BuyerWallet.create(folder.resolve("buyer"), Network.REGTEST, url, key)) {
        List<WalletEscrow> drafts = new ArrayList<>();
        for (int i = 0; i < ESCROWS; i++) {
          drafts.add(wallet.draft(VALUE, PAYOUT, ODDS, REFUND_BLOCKS));
          step.advance(1);
        }
        fundFees(vts);
        new TestChainFunding(vts).fund(wallet, drafts);
      }
    }
  }

  /** Coins of the VTS's own that pay for batches; the buyer's next block confirms them. */
  private void fundFees(VtsHttpClient vts) {
    try (SecretKey key = SecretKey.fromFile(folder.resolve("vts/keys/fee.key"))) {
      String script = HexFormat.of().formatHex(FeeCoins.script(PublicKey.of(key.publicKey())));
      Map<String, Object> coin = Map.of("script", script, "value", FEE_COIN);
      vts.post("/v1/dev/fund", Map.of("outputs", Collections.nCopies(FEE_COINS, coin)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void awaitReady(VtsHttpClient vts) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (vts.get("/readyz").status() != 200) {
      if (System.nanoTime() > deadline) {
        throw new VtsException("the demo's VTS is not ready: " + vts.get("/readyz").body());
      }
      Thread.onSpinWait();
    }
  }

  private void mine() {
    VtsHttpClient vts = new VtsHttpClient(URI.create(vtsUrl()));
    miner.scheduleAtFixedRate(
        () -> vts.post("/v1/dev/mine", Map.of("blocks", 1)),
        MINE_SECONDS,
        MINE_SECONDS,
        TimeUnit.SECONDS);
  }

  /** Base of the VTS's HTTP interface. */
  String vtsUrl() {
    return "http://127.0.0.1:" + server.httpAddress().getPort();
  }

  /**
   * A new escrow for a browser, funded, registered and handed over, as JSON. Blocks for the blocks
   * that bury it; any thread, one at a time.
   */
  synchronized String testEscrow() {
    if (given == MAX_GIVEN) {
      throw new IllegalStateException("this demo has given " + MAX_GIVEN + " escrows away");
    }
    given++;
    try (BuyerWallet wallet = BuyerWallet.open(wallet());
        VtsHttpClient vts = new VtsHttpClient(URI.create(vtsUrl()))) {
      WalletEscrow draft = wallet.draft(VALUE, PAYOUT, SHOP_ODDS, REFUND_BLOCKS);
      new TestChainFunding(vts).fund(wallet, List.of(draft));
      return Console.toJson(wallet.export(draft.index()));
    }
  }

  Path merchantFolder() {
    return folder.resolve(MERCHANT);
  }

  Path wallet() {
    return folder.resolve("buyer");
  }

  PayoutScript payoutScript() {
    return payoutScript;
  }

  @Override
  public void close() {
    miner.shutdownNow();
    server.close();
  }
}
