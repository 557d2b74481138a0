package org.micropay.vts.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.micropay.vts.audit.HonestJournalTest.options;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.agrona.concurrent.UnsafeBuffer;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.junit.jupiter.api.Test;
import org.micropay.vts.audit.JournalEdit.Entry;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.transparency.CheckpointRecord;
import org.micropay.vts.transparency.Ed25519Signature;
import org.micropay.vts.transparency.Frontier;
import org.micropay.vts.transparency.LeafEncoder;

/** Tree heads of the transparency log that were edited, or published. */
class EditedLogTest extends EditedHistory {
  /** A tree head over the leaves through a position, signed, in the place behind it. */
  private static Entry head(List<Entry> list, int through, byte[] secret) {
    Frontier tree = new Frontier();
    byte[] leaf = new byte[512];
    for (int i = 0; i < through; i++) {
      Entry entry = list.get(i);
      UnsafeBuffer payload = new UnsafeBuffer(entry.payload());
      int length =
          LeafEncoder.encode(
              entry.type(), i + 1, entry.timeMillis(), payload, 0, payload.capacity(), leaf, 0);
      if (length > 0) {
        tree.appendLeaf(leaf, 0, length);
      }
    }
    Ed25519PrivateKeyParameters key = new Ed25519PrivateKeyParameters(secret, 0);
    var head =
        new org.micropay.vts.transparency.Checkpoint("log.example", tree.size(), tree.root());
    byte[] text = head.textBytes();
    Ed25519Signer signer = new Ed25519Signer();
    signer.init(true, key);
    signer.update(text, 0, text.length);
    CheckpointRecord record =
        new CheckpointRecord(
            head,
            through,
            0,
            Bytes32.of(key.generatePublicKey().getEncoded()),
            Ed25519Signature.copyOf(signer.generateSignature(), 0));
    return new Entry(CheckpointRecord.TYPE, list.get(through - 1).timeMillis(), record.encode());
  }

  /** The plain history with a tree head behind its fifth grant, edited. */
  private AuditReport withTreeHead(UnaryOperator<Entry> edit, List<EarlierState> earlier) {
    Path journal = folder.resolve("log-" + histories);
    try (TestVts plain = new TestVts(journal, 14)) {
      for (int i = 0; i < 6; i++) {
        plain.register(false);
        plain.decide(plain.claim(plain.newest()));
      }
      List<Entry> list = JournalEdit.entries(journal);
      int through = index(list, RecordType.GRANT, 3) + 1;
      // At the end, so that no record moves; two leaves more than the tree wait before it.
      Entry head = head(list, through, new byte[32]).withTime(list.getLast().timeMillis());
      list.add(edit.apply(head));
      Path edited =
          JournalEdit.rewrite(
              folder.resolve("log-edited-" + histories++), TestVts.identity(plain.vtsPublic), list);
      return Auditor.run(
          options(edited, Optional.empty(), earlier, Kernels.select(Kernels.AUTO), 1),
          AuditProgress.NONE);
    }
  }

  @Test
  void shouldComputeTheLogsTreeHeadsAgain() {
    AuditReport report = withTreeHead(entry -> entry, List.of());
    assertEquals(List.of(), report.findings());
    assertEquals(1, report.treeHeads());
  }

  @Test
  void shouldNameATreeHeadThatIsNotTheRecords() {
    // Size, root, through, signature.
    for (int offset : new int[] {0, 8, 40, 88}) {
      AuditReport report =
          withTreeHead(
              entry -> {
                byte[] payload = entry.payload().clone();
                payload[offset] ^= 4;
                return entry.withPayload(payload);
              },
              List.of());
      assertEquals(AuditFinding.LOG_ROOT, report.findings().getFirst().code());
    }
  }

  @Test
  void shouldCompareWithAPublishedTreeHead() {
    AtomicReference<CheckpointRecord> kept = new AtomicReference<>();
    withTreeHead(
        entry -> {
          kept.set(CheckpointRecord.decode(entry.payload()));
          return entry;
        },
        List.of());
    TreeHead head = new TreeHead(4, kept.get().checkpoint().root());
    assertEquals(List.of(), withTreeHead(entry -> entry, List.of(head)).findings());
    TreeHead other = new TreeHead(5, kept.get().checkpoint().root());
    TreeHead later = new TreeHead(7, kept.get().checkpoint().root());
    for (TreeHead wrong : List.of(other, later)) {
      AuditReport report = withTreeHead(entry -> entry, List.of(wrong));
      assertEquals(AuditFinding.CHECKPOINT, report.findings().getFirst().code());
    }
  }
}
