package org.micropay.vts.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.micropay.vts.appliance.demo.DemoProgress;
import org.micropay.vts.appliance.testing.CommandRun;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PublicKey;

/** The wrong words of someone in a hurry: one line each, with what was wrong and what to do. */
class PayCommandTest {
  @TempDir static Path folder;
  private static String wallet;

  @BeforeAll
  static void makeWallet() {
    wallet = folder.resolve("buyer").toString();
    try (SecretKey key = SecretKey.generate()) {
      URI vts = URI.create("http://127.0.0.1:1");
      BuyerWallet.create(Path.of(wallet), Network.REGTEST, vts, PublicKey.of(key.publicKey()))
          .close();
    }
  }

  private static void assertSays(ExitCode code, String part, String... words) {
    CommandRun run = CommandRun.of(words);
    assertEquals(code.number(), run.exit(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains(part), run.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          127.0.0.1:8402/        | does not begin with http:// or https://
          ftp://127.0.0.1/       | does not begin with http:// or https://
          http://127.0.0.1:99999 | port 99999 is not within 1..65535
          http://127.0.0.1:0/    | port 0 is not within 1..65535
          http://127.0.0.1/a b   | Illegal character in path, character 19
          http:///nowhere        | names no host that can be read
          http://a_b.example/    | names no host that can be read
          """)
  void shouldSayWhatIsWrongWithAUrl(String url, String part) {
    assertSays(ExitCode.DATA, part, "pay", "-w", wallet, url);
    assertSays(ExitCode.USAGE, "--server '", "status", "--server", url);
    assertSays(ExitCode.USAGE, "--revenue '", "merchant", "report", "--revenue", url);
  }

  @Test
  void shouldSeeThatTheBodyCannotBeKeptBeforeItAsksForIt() {
    String url = "http://127.0.0.1:1/";
    String[] pay = {"pay", "-w", wallet, "-o", "/nonexistent/page", url};
    assertSays(ExitCode.CANNOT_CREATE, "/nonexistent is no folder; nothing was paid", pay);
    pay[4] = folder.toString();
    assertSays(ExitCode.CANNOT_CREATE, "it is a folder; nothing was paid", pay);
    pay[4] = folder.resolve("page").toString();
    assertSays(ExitCode.UNAVAILABLE, "127.0.0.1:1 cannot be reached: nobody answers there", pay);
  }

  @Test
  void shouldTellANameThatNobodyHasFromASilentHost() {
    assertSays(ExitCode.UNAVAILABLE, ": no such host", "pay", "-w", wallet, "http://x.invalid/");
  }

  @Test
  void shouldSayHowToGetAWallet() {
    String part = "holds no wallet; name yours with --wallet, or make one: vts buyer init";
    assertSays(ExitCode.NO_INPUT, part, "pay", "-w", "/nonexistent", "http://127.0.0.1:1/");
  }

  @Test
  void shouldNotReplaceADemoThatRuns() throws Exception {
    Path demo = Files.createDirectories(folder.resolve("demo/merchant")).getParent();
    Files.createFile(demo.resolve("THIS-IS-A-DEMO"));
    Path lock = Files.createFile(demo.resolve("merchant").resolve(Merchant.LOCK));
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
        FileLock held = channel.lock()) {
      assertFalse(held.isShared());
      CommandException refused =
          assertThrows(
              CommandException.class, () -> MerchantDemo.start(DemoProgress.silent(), demo));
      assertTrue(refused.getMessage().endsWith("; end it first"), refused.getMessage());
    }
    assertTrue(Files.exists(lock), "nothing was touched");
  }
}
