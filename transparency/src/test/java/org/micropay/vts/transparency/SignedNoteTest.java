package org.micropay.vts.transparency;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.Bytes32;

class SignedNoteTest {
  /** The example of C2SP signed-note, section "Verifier keys". */
  private static final String EXAMPLE_KEY =
      "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

  private static final String EXAMPLE =
      """
      This is an example message.

      \u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
      """;

  /** The example of golang.org/x/mod/sumdb/note (package documentation). */
  private static final String PETER_KEY =
      "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

  private static final String PETER =
      """
      If you think cryptography is the answer to your problem,
      then you don't know what your problem is.

      \u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
      """;

  private final TestKey log = TestKey.log("log.example/vts");
  private final TestKey witness = TestKey.witness("witness.example/w1");
  private final Checkpoint checkpoint = new Checkpoint("log.example/vts", 3, Bytes32.ZERO);

  @Test
  void shouldVerifyTheExamplesOfTheSpecifications() {
    VerifierKey key = VerifierKey.parse(EXAMPLE_KEY);
    assertEquals(EXAMPLE_KEY, key.toString());
    SignedNote note = SignedNote.parse(utf8(EXAMPLE));
    assertTrue(note.signedBy(key).isPresent());
    assertEquals(EXAMPLE, note.toString());
    assertTrue(SignedNote.parse(utf8(PETER)).signedBy(VerifierKey.parse(PETER_KEY)).isPresent());
    assertThrows(
        LogDataException.class,
        () -> SignedNote.parse(utf8(EXAMPLE.replace("message", "massage"))).signedBy(key));
  }

  @Test
  void shouldSignAndReadCheckpoints() {
    SignedNote note = log.sign(checkpoint);
    SignedNote read = SignedNote.parse(note.encode());
    assertEquals(note, read);
    assertEquals(checkpoint, Checkpoint.of(read, log.verifier()));
  }

  @Test
  void shouldVerifyCosignatures() {
    Cosignature cosignature = witness.cosign(checkpoint, 1_679_315_147);
    SignedNote note = log.sign(checkpoint).with(cosignature.toLine(witness.verifier()));
    SignedNote read = SignedNote.parse(note.encode());
    assertTrue(read.signedBy(witness.verifier()).isPresent());
    assertEquals(checkpoint, Checkpoint.of(read, log.verifier()));
    Cosignature later = new Cosignature(1_679_315_148, cosignature.signature());
    SignedNote forged = log.sign(checkpoint).with(later.toLine(witness.verifier()));
    assertThrows(LogDataException.class, () -> forged.signedBy(witness.verifier()));
  }

  @Test
  void shouldNotBelieveWhatIsNotSigned() {
    SignedNote note = log.sign(checkpoint);
    assertThrows(
        LogDataException.class, () -> Checkpoint.of(note, TestKey.log("other.example").verifier()));
    // Same name, another key: an unknown line, to be left alone, but no signature either.
    TestKey impostor =
        new TestKey(log.name(), VerifierKey.Kind.ED25519, TestKey.log("impostor").seed());
    assertTrue(note.signedBy(impostor.verifier()).isEmpty());
    assertThrows(LogDataException.class, () -> Checkpoint.of(note, impostor.verifier()));
    // A log's key that signs for another log's origin.
    Checkpoint other = new Checkpoint("other.example", 3, Bytes32.ZERO);
    SignedNote borrowed = other.sign(log.verifier(), log.sign(other.textBytes()));
    assertThrows(LogDataException.class, () -> Checkpoint.of(borrowed, log.verifier()));
  }

  @Test
  void shouldRefuseEveryChangedByte() {
    byte[] note = log.sign(checkpoint).encode();
    Random random = Seeds.random("SignedNoteTest");
    for (int i = 0; i < note.length; i++) {
      byte[] changed = note.clone();
      changed[i] ^= (byte) (1 + random.nextInt(255));
      assertThrows(
          LogDataException.class,
          () -> Checkpoint.of(SignedNote.parse(changed), log.verifier()),
          "byte " + i);
    }
  }

  @Test
  void shouldRefuseWhatIsNoNote() {
    for (String text :
        new String[] {
          "",
          "\n",
          "a\n",
          "a\n\n",
          "a\n\nb\n",
          "a\n\n\u2014 b\n",
          "a\n\n\u2014 b c\n",
          "a\n\n\u2014 b AAAAAA==\n",
          "a\n\n\u2014 b AAAAAAAB\r\n",
          "a\n\n\u2014 b+c AAAAAAAB\n",
          "a\n\n\u2014 b AAAAAAA\n",
          "a\n\n\u2014 b AAAAAAAB",
        }) {
      assertThrows(LogDataException.class, () -> SignedNote.parse(utf8(text)), text);
    }
    assertThrows(LogDataException.class, () -> SignedNote.parse(new byte[] {(byte) 0xC3, 10}));
    assertThrows(LogDataException.class, () -> SignedNote.parse(new byte[1 << 17]));
  }

  @Test
  void shouldRefuseWhatIsNoCheckpoint() {
    String root = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for (String text :
        new String[] {
          "log\n1\n",
          "log\n01\n" + root + "\n",
          "log\n-1\n" + root + "\n",
          "log\n9223372036854775808\n" + root + "\n",
          "log\n1\n" + root,
          "log\n1\nAAAA\n",
          "log\n\n1\n" + root + "\n",
          "log\n0\n" + root + "\n",
          "lo g\n1\n" + root + "\n",
        }) {
      assertThrows(LogDataException.class, () -> Checkpoint.parse(text), text);
    }
    assertEquals(1, Checkpoint.parse("log\n1\n" + root + "\nextension\n").size());
  }

  @Test
  void shouldRefuseWhatIsNoKey() {
    for (String text :
        new String[] {
          "",
          "a+b",
          "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
          "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
          "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
          "example.com/foo+530d903a+AekyeRrm",
        }) {
      assertThrows(LogDataException.class, () -> VerifierKey.parse(text), text);
    }
    assertEquals(witness.verifier(), VerifierKey.parse(witness.verifier().toString()));
  }

  @Test
  void shouldKeepRecordsToTheByte() {
    CheckpointRecord record =
        new CheckpointRecord(
            checkpoint,
            42,
            1_800_000_000_000L,
            log.verifier().publicKey(),
            log.sign(checkpoint.textBytes()));
    byte[] bytes = record.encode();
    assertEquals(153 + checkpoint.origin().length(), bytes.length);
    assertEquals(record, CheckpointRecord.decode(bytes));
    assertTrue(record.isSigned());
    assertEquals(log.sign(checkpoint), record.note());
    assertThrows(
        LogDataException.class,
        () -> CheckpointRecord.decode(java.util.Arrays.copyOf(bytes, bytes.length - 1)));

    CosignatureRecord cosigned =
        new CosignatureRecord(
            3, Bytes32.ZERO, witness.cosign(checkpoint, 1_800_000_000), witness.verifier());
    byte[] more = cosigned.encode();
    assertEquals(145 + witness.name().length(), more.length);
    assertEquals(cosigned, CosignatureRecord.decode(more));
    assertTrue(cosigned.verifies(checkpoint));
    assertArrayEquals(more, CosignatureRecord.decode(more).encode());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
