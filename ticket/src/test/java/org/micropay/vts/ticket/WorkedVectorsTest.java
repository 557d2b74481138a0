package org.micropay.vts.ticket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.ScriptFlags;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxOut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.sbe.EscrowRequestEncoder;

/**
 * docs/PROTOCOL.md and worked-vectors.json against the code. {@code -Dvts.vectors=write} rewrites
 * both.
 */
class WorkedVectorsTest {
  private static final boolean WRITE = "write".equals(System.getProperty("vts.vectors"));
  private static final Path MODULE = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
  private static final Path PAGE = MODULE.resolveSibling("docs/PROTOCOL.md");
  private static final Path JSON = MODULE.resolve("src/test/resources/worked-vectors.json");

  private final WorkedVectors vectors = new WorkedVectors();

  @Test
  void shouldMatchTheFile() throws IOException {
    ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    String text = mapper.writeValueAsString(vectors.values()) + "\n";
    if (WRITE) {
      Files.writeString(JSON, text);
    }
    assertEquals(text, Files.readString(JSON));
  }

  @Test
  void shouldMatchThePage() throws IOException {
    StringBuilder text = new StringBuilder("```\n");
    vectors
        .values()
        .forEach((name, value) -> text.append(name).append('\n').append(wrapped(value)));
    assertSection("vectors", text.append("```\n").toString());
  }

  private static String wrapped(String value) {
    StringBuilder lines = new StringBuilder();
    for (int at = 0; at < value.length(); at += 96) {
      lines.append("  ").append(value, at, Math.min(value.length(), at + 96)).append('\n');
    }
    return lines.toString();
  }

  @Test
  void shouldMatchTheFrameOnThePage() throws IOException {
    byte[] bytes = new byte[StreamFrame.BLOCK + EscrowRequestEncoder.BLOCK_LENGTH];
    UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    int length =
        StreamFrame.writeHeader(
            buffer,
            0,
            EscrowRequestEncoder.TEMPLATE_ID,
            EscrowRequestEncoder.BLOCK_LENGTH,
            EscrowRequestEncoder.BLOCK_LENGTH);
    assertEquals(bytes.length, length);
    new EscrowRequestEncoder()
        .wrap(buffer, StreamFrame.BLOCK)
        .correlationId(7)
        .putTermsDigest(vectors.terms.digest().toArray(), 0, 32);
    HexFormat hex = HexFormat.of();
    assertSection(
        "frame",
        """
        ```
        %s                  length 48
        %s                      blockLength 40
        %s                      templateId 5
        %s                      schemaId 1
        %s                      version 1
        %s          correlationId 7
        %s termsDigest
        ```
        """
            .formatted(
                hex.formatHex(bytes, 0, 4),
                hex.formatHex(bytes, 4, 6),
                hex.formatHex(bytes, 6, 8),
                hex.formatHex(bytes, 8, 10),
                hex.formatHex(bytes, 10, 12),
                hex.formatHex(bytes, 12, 20),
                hex.formatHex(bytes, 20, 52)));
  }

  @Test
  void shouldMatchTheSizesOnThePage() throws IOException {
    Samples samples = new Samples(new Random(1));
    StringBuilder text = new StringBuilder("| message | bytes | base64url |\n|---|---|---|\n");
    row(text, "terms", vectors.terms.encode());
    row(text, "opening", vectors.opening.encode());
    for (ScriptType type : ScriptType.values()) {
      PayoutScript script = samples.payoutScript(type);
      Ask ask = new Ask(vectors.ask.commitment(), script);
      Ticket ticket = samples.ticket(vectors.buyer, vectors.terms, ask);
      row(text, "ask, " + type, ask.encode());
      row(text, "ticket, " + type, ticket.encode());
      row(text, "claim, " + type, Claim.of(vectors.terms, ticket, vectors.opening).encode());
      assertTrue(ticket.toBase64Url().length() <= 398);
    }
    row(text, "receipt", vectors.receipt.encode());
    row(text, "registration", samples.registration(false).encode());
    row(text, "registration with deposit", vectors.registration.encode());
    assertEquals(ScriptType.P2WPKH, vectors.payoutScript.type());
    assertTrue(vectors.ask.toBase64Url().length() <= 73);
    assertSection("sizes", text.toString());
  }

  private static void row(StringBuilder text, String name, byte[] bytes) {
    int digits = Bytes.toBase64Url(bytes).length();
    text.append("| %s | %d | %d |\n".formatted(name, bytes.length, digits));
  }

  private static void assertSection(String name, String content) throws IOException {
    String begin = "<!-- " + name + ":begin -->\n";
    String end = "<!-- " + name + ":end -->\n";
    String page = Files.readString(PAGE);
    int from = page.indexOf(begin) + begin.length();
    int to = page.indexOf(end);
    if (WRITE) {
      page = page.substring(0, from) + content + page.substring(to);
      Files.writeString(PAGE, page);
      to = page.indexOf(end);
    }
    assertEquals(content, page.substring(from, to));
  }

  @Test
  void shouldListEveryAnswerOnThePage() throws IOException {
    Matcher rows =
        Pattern.compile("^\\| (\\d+) \\| ([A-Z_]+) \\| (yes|no) \\|", Pattern.MULTILINE)
            .matcher(Files.readString(PAGE).split("## 12\\.")[1].split("## 13\\.")[0]);
    List<String> listed = rows.results().map(row -> row.group(0)).toList();
    List<String> expected =
        List.of(AnswerCode.values()).stream()
            .map(
                code ->
                    "| %d | %s | %s |"
                        .formatted(code.number(), code, code.retryable() ? "yes" : "no"))
            .toList();
    assertEquals(expected, listed);
  }

  @Test
  void shouldSpendAsTheNetworkDemands() {
    Map<String, String> values = vectors.values();
    spends(
        values.get("release transaction of this pair alone"),
        vectors.terms.value(),
        vectors.terms.escrowScript());
    spends(values.get("refund transaction"), vectors.terms.value(), vectors.terms.escrowScript());
    spends(
        values.get("burn transaction"),
        vectors.deposit.value(),
        vectors.deposit.escrowScript(vectors.terms));
  }

  private static void spends(String hex, long value, EscrowScript script) {
    Transaction transaction = Transaction.read(hex);
    TxOut spent = new TxOut(new Satoshi(value), script.scriptPubKey().toArray());
    transaction.correctlySpends(
        Map.of(transaction.txIn.get(0).outPoint, spent), ScriptFlags.STANDARD_SCRIPT_VERIFY_FLAGS);
  }

  /** The plain Java digest that prints the states above is the platform's. */
  @Test
  void shouldHashFromStoredStatesLikeThePlatform() {
    Random random = Seed.random("WorkedVectorsTest");
    Samples samples = new Samples(random);
    MidstateSha256 sha256 = new MidstateSha256();
    byte[] actual = new byte[32];
    for (int length = 0; length < 300; length++) {
      byte[] bytes = samples.bytes(length);
      sha256.hash(MidstateSha256.initial(), 0, bytes, 0, length, actual, 0);
      assertArrayEquals(Sha256.of(bytes).toArray(), actual);
      byte[] prefix = new byte[64];
      TaggedHash.CLAIM.copyPrefixTo(prefix, 0);
      sha256.hash(MidstateSha256.after(prefix), 64, bytes, 0, length, actual, 0);
      assertArrayEquals(TaggedHash.CLAIM.hash(bytes).toArray(), actual);
    }
  }
}
