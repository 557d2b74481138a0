package org.micropay.vts.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.CommandRun;
import org.micropay.vts.appliance.testing.Nodes;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.FeeDescriptor;
import org.micropay.vts.settlement.RegtestNode;
import org.micropay.vts.settlement.Utxo;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Receipt;

/** A merchant with a receipt and a node, and no VTS anywhere. */
class ReleaseCommandTest {
  @TempDir static Path folder;
  private static RegtestNode node;
  private static SecretKey vts;
  private static List<TestEscrow> escrows;

  @BeforeAll
  static void start() {
    node = Nodes.start(folder.resolve("node"));
    node.mature(5);
    vts = SecretKey.generate();
    List<TestEscrow.Draft> drafts = new ArrayList<>();
    escrows = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      TestEscrow.Draft draft = TestEscrow.draft(PublicKey.of(vts.publicKey()), 100_000);
      drafts.add(draft);
      escrows.add(
          draft.at(node.fund(HexFormat.of().parseHex(draft.scriptHex()), TestServer.VALUE)));
    }
    node.mine(1);
  }

  @AfterAll
  static void stop() {
    if (node != null) {
      node.close();
    }
  }

  private static Receipt receipt(Claim claim, SecretKey key) {
    return new Receipt(
        claim.id(),
        AnswerCode.GRANTED,
        42,
        Optional.of(
            CompactSignature.of(Ecdsa.sign(key, claim.spendTemplate().digest().toArray()))));
  }

  private static Path write(String name, Object content) throws IOException {
    Path file = folder.resolve(name);
    return content instanceof byte[] bytes
        ? Files.write(file, bytes)
        : Files.writeString(file, content.toString());
  }

  private static Path bundle(String name, Claim claim, Receipt receipt) throws IOException {
    return write(
        name,
        Console.toJson(Map.of("claim", claim.toBase64Url(), "receipt", receipt.toBase64Url())));
  }

  private static CommandRun release(Path receipt, Object... more) {
    List<String> words = new ArrayList<>(List.of("release", "--receipt", receipt.toString()));
    for (Object word : more) {
      words.add(word.toString());
    }
    return CommandRun.of(words.toArray(String[]::new));
  }

  private static List<Object> broadcast() {
    return List.of(
        "--broadcast", "--rpc", "127.0.0.1:" + node.rpcPort(), "--cookie", node.cookieFile());
  }

  private static void assertPaid(Claim claim, String txid) {
    node.mine(1);
    Outpoint out = new Outpoint(Bytes32.fromReversedHex(txid), 0);
    Utxo paid = node.chain().utxos(List.of(out)).get(out).orElseThrow();
    assertEquals(claim.terms().payout(), paid.value());
    assertArrayEquals(claim.payoutScript().toArray(), paid.script());
  }

  @Test
  void shouldPayTheMerchantFromTheReceiptAlone() throws IOException {
    Claim claim = escrows.get(0).winner();
    Path bundle = bundle("grant.json", claim, receipt(claim, vts));
    CommandRun printed = release(bundle);
    assertEquals(0, printed.exit(), printed.err());
    Path bytes = folder.resolve("release.tx");
    assertEquals(0, release(bundle, "--out", bytes).exit());
    assertArrayEquals(HexFormat.of().parseHex(printed.out().strip()), Files.readAllBytes(bytes));
    assertEquals(ExitCode.CANNOT_CREATE.number(), release(bundle, "--out", bytes).exit());
    List<Object> words = new ArrayList<>(broadcast());
    words.add("--json");
    CommandRun sent = release(bundle, words.toArray());
    assertEquals(0, sent.exit(), sent.err());
    assertEquals("accepted", sent.json().path("broadcast").asText());
    assertEquals(1_000, sent.json().path("fee").asLong());
    assertEquals(
        "known already", release(bundle, words.toArray()).json().path("broadcast").asText());
    assertPaid(claim, sent.json().path("txid").asText());
    CommandRun late = release(bundle, broadcast().toArray());
    assertEquals(0, late.exit(), "mined already: " + late.err());
  }

  @Test
  void shouldRaiseTheFeeWithACoinOfItsOwn() throws IOException {
    Claim claim = escrows.get(1).winner();
    Receipt receipt = receipt(claim, vts);
    Path receiptFile = write("grant.receipt", receipt.encode());
    Path claimFile = write("grant.claim", claim.encode());
    Path keyFile = folder.resolve("merchant.key");
    CommandRun poor = release(receiptFile, "--claim", claimFile, "--fee-rate", 50);
    assertEquals(ExitCode.NEGATIVE.number(), poor.exit());
    assertTrue(poor.err().contains("--fee-coin"), poor.err());
    Outpoint coin;
    try (SecretKey key = SecretKey.generate()) {
      key.writeTo(keyFile);
      coin =
          node.fund(FeeDescriptor.ofKey(PublicKey.of(key.publicKey())).script(0).toArray(), 50_000);
    }
    node.mine(1);
    List<Object> words = new ArrayList<>(broadcast());
    String named = coin.txid().toReversedHex() + ":" + coin.vout();
    words.addAll(List.of("--claim", claimFile, "--fee-rate", 50, "--fee-key", keyFile, "--json"));
    words.addAll(List.of("--fee-coin", named + ":50000"));
    CommandRun sent = release(receiptFile, words.toArray());
    assertEquals(0, sent.exit(), sent.err());
    JsonNode answer = sent.json();
    assertTrue(answer.path("fee").asLong() >= 50 * answer.path("vsize").asLong());
    assertEquals(51_000, answer.path("fee").asLong() + answer.path("change").asLong());
    assertPaid(claim, answer.path("txid").asText());
    CommandRun again = release(receiptFile, words.toArray());
    assertEquals(0, again.exit(), "mined already: " + again.err());
    words.set(words.size() - 1, named + ":60000");
    assertEquals(
        ExitCode.NEGATIVE.number(), release(receiptFile, words.toArray()).exit(), "a wrong value");
  }

  @Test
  void shouldExplainWhatCannotBeReleased() throws IOException {
    Claim claim = escrows.get(2).winner();
    Claim other = escrows.get(2).winner();
    try (SecretKey stranger = SecretKey.generate()) {
      Path forged = bundle("forged.json", claim, receipt(claim, stranger));
      assertFails(ExitCode.DATA, "not of the terms' VTS key", forged);
    }
    Path foreign = bundle("foreign.json", claim, receipt(other, vts));
    assertFails(ExitCode.DATA, "is for claim", foreign);
    Receipt refused = new Receipt(claim.id(), AnswerCode.DOUBLE_SPEND, 7, Optional.empty());
    assertFails(ExitCode.NEGATIVE, "no grant", bundle("refused.json", claim, refused));
    Path alone = write("alone.receipt", receipt(claim, vts).toBase64Url());
    assertFails(ExitCode.USAGE, "--claim", alone);
    assertFails(ExitCode.DATA, "'receipt'", write("empty.json", "{}"));
    assertFails(ExitCode.DATA, "JSON", write("broken.json", "{"));
    assertFails(ExitCode.NO_INPUT, "does not exist", folder.resolve("nothing"));
    Path good = bundle("good.json", claim, receipt(claim, vts));
    assertFails(ExitCode.USAGE, "--cookie", good, "--broadcast");
    assertFails(
        ExitCode.UNAVAILABLE, "cookie", good, "--broadcast", "--cookie", folder.resolve("none"));
    assertFails(ExitCode.USAGE, "HOST:PORT", good, "--broadcast", "--rpc", "x", "--cookie", "none");
    assertFails(ExitCode.USAGE, "--fee-rate", good, "--fee-rate", "0");
  }

  private static void assertFails(ExitCode exit, String word, Path receipt, Object... more) {
    CommandRun run = release(receipt, more);
    assertEquals(exit.number(), run.exit(), run.err());
    assertTrue(run.err().contains(word) && run.err().strip().lines().count() == 1, run.err());
  }
}
