package org.micropay.vts.appliance.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.cli.ExitCode;
import org.micropay.vts.appliance.testing.CommandRun;
import org.micropay.vts.appliance.testing.Poll;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.merchant.EvidenceFile;
import org.micropay.vts.merchant.TicketSigner;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.EscrowScript;
import org.micropay.vts.ticket.Outpoint;

/** A buyer spends one escrow twice on a whole server: the deposit burns, the evidence stands. */
class PenaltyTest {
  private static final long DEPOSIT = 400_000;

  @TempDir static Path directory;

  @Test
  void shouldBurnTheDepositAndHandOutTheEvidence() throws IOException {
    try (TestServer server = TestServer.start(directory.resolve("server"))) {
      TestEscrow escrow = server.fundEscrows(1, TestServer.REFUND_HEIGHT).getFirst();
      Deposit deposit = deposit(server, escrow);
      server.mine(TestServer.MIN_CONFIRMATIONS);
      assertEquals(
          AnswerCode.REGISTERED,
          server
              .http()
              .register(
                  TicketSigner.registration(escrow.key(), escrow.terms(), Optional.of(deposit)))
              .code());
      String digest = escrow.terms().digest().toHex();
      assertEquals(404, server.http().get("/v1/evidence/" + digest).status());
      Claim first = escrow.winner();
      Claim second = escrow.winner();
      assertTrue(server.http().claim(first).isGranted());
      long proof = server.http().claim(second).position();
      assertTrue(proof > 0);
      assertEquals(AnswerCode.DOUBLE_SPEND, server.http().claim(second).code());
      Poll.until("a burn waits", () -> total(server, "waiting") == 1);
      JsonNode served = server.http().get("/v1/evidence/" + digest).body();
      Path file = directory.resolve("served.json");
      Files.write(file, new ObjectMapper().writeValueAsBytes(served));
      assertProof(file);
      assertFalse(served.path("grant").has("receipt"), "the pair is not settled yet");
      server.restart();
      Poll.until("the burn is still known", () -> total(server, "waiting") == 1);
      // Mining until it is done: a burn may be sent a moment after a block.
      Poll.until(
          "it is burnt for good",
          () -> {
            server.mine(1);
            return total(server, "burned") == 1;
          });
      assertEquals(DEPOSIT, total(server, "satoshi"));
      server.restart();
      assertEquals(1, total(server, "burned"));
      assertExported(server, escrow, proof);
      assertAccount("--server", server.httpUri().toString());
    }
    assertAccount("-c", directory.resolve("server/vts.toml").toString());
  }

  private static Deposit deposit(TestServer server, TestEscrow escrow) {
    int refundHeight = TestServer.REFUND_HEIGHT + 1;
    String script =
        EscrowScript.of(escrow.terms().buyerKey(), escrow.terms().vtsKey(), refundHeight)
            .scriptPubKey()
            .toHex();
    Outpoint outpoint = server.fund(List.of(TestServer.output(script, DEPOSIT))).getFirst();
    return TicketSigner.deposit(
        escrow.key(), escrow.terms(), outpoint, DEPOSIT, refundHeight, 2_000);
  }

  private static long total(TestServer server, String name) {
    JsonNode settlement = server.http().get("/v1/status").body().path("settlement");
    return settlement.path("penalties").path(name).asLong();
  }

  private static void assertProof(Path file) {
    CommandRun checked = CommandRun.of("evidence", "verify", file.toString());
    assertEquals(0, checked.exit(), checked.out() + checked.err());
    assertTrue(checked.out().contains("PROOF: "), checked.out());
  }

  /** The claim was paid from the escrow, the deposit burnt, and the wallet never existed. */
  private static void assertAccount(String... where) throws IOException {
    List<String> words = new ArrayList<>(List.of("settle", "account"));
    words.addAll(List.of(where));
    CommandRun plain = CommandRun.of(words.toArray(String[]::new));
    assertEquals(0, plain.exit(), plain.out() + plain.err());
    assertTrue(plain.out().contains("agree to the satoshi"), plain.out());
    Path csv = directory.resolve("account" + where[0] + ".csv");
    words.addAll(List.of("--json", "--csv", csv.toString()));
    CommandRun run = CommandRun.of(words.toArray(String[]::new));
    assertEquals(0, run.exit(), run.err());
    JsonNode balances = run.json().path("balances");
    long sum = 0;
    for (JsonNode balance : balances) {
      sum += balance.asLong();
    }
    assertEquals(0, sum);
    assertEquals(DEPOSIT - 2_000, balances.path("burned").asLong());
    assertEquals(TestServer.VALUE, balances.path("escrows").asLong());
    assertEquals(1, run.json().path("grants").path("open").asInt());
    assertTrue(Files.readAllLines(csv).getFirst().startsWith("height,txid,kind,account,"));
    assertEquals(
        ExitCode.CANNOT_CREATE.number(), CommandRun.of(words.toArray(String[]::new)).exit());
  }

  private static CommandRun export(TestServer server, String which, Object out) {
    return CommandRun.of(
        "evidence",
        "export",
        which,
        "--journal",
        server.directory().resolve("journal").toString(),
        "--out",
        out.toString());
  }

  private static void assertExported(TestServer server, TestEscrow escrow, long proof)
      throws IOException {
    Path byPosition = directory.resolve("position.json");
    Path byEscrow = directory.resolve("escrow.json");
    Path byTerms = directory.resolve("terms.json");
    Outpoint outpoint = escrow.terms().outpoint();
    assertEquals(0, export(server, Long.toString(proof), byPosition).exit());
    assertEquals(
        0,
        export(server, outpoint.txid().toReversedHex() + ":" + outpoint.vout(), byEscrow).exit());
    assertEquals(0, export(server, escrow.terms().digest().toHex(), byTerms).exit());
    assertArrayEquals(Files.readAllBytes(byPosition), Files.readAllBytes(byEscrow));
    assertArrayEquals(Files.readAllBytes(byPosition), Files.readAllBytes(byTerms));
    assertProof(byPosition);
    assertTrue(Files.readString(byPosition).contains("burnSignature"));
    assertEquals(ExitCode.NEGATIVE.number(), export(server, "1", directory.resolve("no")).exit());
    assertEquals(ExitCode.USAGE.number(), export(server, "x", directory.resolve("no")).exit());
    assertEquals(ExitCode.CANNOT_CREATE.number(), export(server, proof + "", byTerms).exit());
    assertFails(byPosition);
  }

  private static void assertFails(Path good) throws IOException {
    String text = Files.readString(good);
    Path bad = directory.resolve("bad.json");
    Files.writeString(bad, text.replace(EvidenceFile.FORMAT, "vts-evidence/9"));
    assertEquals(2, CommandRun.of("evidence", "verify", bad.toString()).exit());
    assertEquals(2, CommandRun.of("evidence", "verify", directory + "/none").exit());
    JsonNode document = new ObjectMapper().readTree(text);
    String late = document.path("grant").path("timeMillis").asText();
    Files.writeString(bad, text.replace(late, "99" + late));
    CommandRun none = CommandRun.of("evidence", "verify", bad.toString());
    assertEquals(1, none.exit());
    assertTrue(none.out().contains("NO PROOF: "), none.out());
    assertEquals(1, CommandRun.of("evidence", "verify", bad.toString(), "--json").exit());
    assertEquals(ExitCode.USAGE.number(), CommandRun.of("evidence").exit());
  }
}
