package org.micropay.vts.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.micropay.vts.audit.HonestJournalTest.audit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.micropay.vts.audit.JournalEdit.Place;
import org.micropay.vts.journal.FrameLayout;
import org.micropay.vts.ledger.RecordType;

/** Frames and heads of epochs that were edited where they lie. */
class EditedFramesTest extends EditedHistory {
  @Test
  void shouldNameEveryFlippedBit() {
    long seed = Seeds.seed("shouldNameEveryFlippedBit");
    SplittableRandom random = new SplittableRandom(seed);
    Path copy = copy();
    for (int i = 0; i < 60; i++) {
      long position = 1 + random.nextInt(entries.size());
      Place place = JournalEdit.place(copy, position);
      int bit = random.nextInt(place.length() * 8);
      JournalEdit.flip(place, bit);
      AuditReport report = audit(copy);
      assertFalse(report.clean(), "bit " + bit + " of record " + position);
      Finding first = report.findings().getFirst();
      assertEquals(position, first.position(), report.findings().toString());
      assertTrue(
          first.code() == AuditFinding.FRAME_CHECKSUM || first.code() == AuditFinding.FRAME_LENGTH,
          report.findings().toString());
      assertEquals(place.file().toString(), first.file());
      assertEquals(place.offset(), first.offset());
      JournalEdit.flip(place, bit);
    }
    assertEquals(List.of(), audit(copy).findings());
  }

  @Test
  void shouldNameAFrameThatWasChangedTogetherWithItsChecksum() {
    Path copy = copy();
    long position = position(RecordType.REGISTER, 1);
    Place place = JournalEdit.place(copy, position);
    ByteBuffer frame = JournalEdit.read(place);
    frame.put(FrameLayout.PAYLOAD_OFFSET, (byte) (frame.get(FrameLayout.PAYLOAD_OFFSET) ^ 1));
    JournalEdit.writeWithChecksum(place, frame);
    assertFirst(AuditFinding.HASH_CHAIN, position, audit(copy));
  }

  private AuditReport withField(long position, Consumer<ByteBuffer> edit) {
    Path copy = copy();
    Place place = JournalEdit.place(copy, position);
    ByteBuffer frame = JournalEdit.read(place);
    edit.accept(frame);
    JournalEdit.writeWithChecksum(place, frame);
    return audit(copy);
  }

  @Test
  void shouldNameAWrongPosition() {
    assertFirst(
        AuditFinding.POSITION, 5, withField(5, f -> f.putLong(FrameLayout.POSITION_OFFSET, 6)));
  }

  @Test
  void shouldNameAWrongEpoch() {
    assertFirst(AuditFinding.EPOCH, 5, withField(5, f -> f.putInt(FrameLayout.EPOCH_OFFSET, 9)));
  }

  @Test
  void shouldNameAnUnknownVersion() {
    assertFirst(
        AuditFinding.FRAME_VERSION,
        5,
        withField(5, f -> f.putShort(FrameLayout.VERSION_OFFSET, (short) 2)));
  }

  @Test
  void shouldNameAnImpossibleDurablePosition() {
    assertNamed(
        AuditFinding.DURABLE_MARK, 5, withField(5, f -> f.putLong(FrameLayout.DURABLE_OFFSET, 5)));
  }

  @Test
  void shouldNameTwoSwappedFrames() {
    Path copy = copy();
    int first = neighboursOfOneLength();
    Place one = JournalEdit.place(copy, first);
    Place two = JournalEdit.place(copy, first + 1);
    ByteBuffer kept = JournalEdit.read(one);
    JournalEdit.write(one.file(), one.offset(), JournalEdit.read(two));
    JournalEdit.write(two.file(), two.offset(), kept);
    assertFirst(AuditFinding.POSITION, first, audit(copy));
  }

  private static int neighboursOfOneLength() {
    for (int i = 1; i < entries.size(); i++) {
      if (entries.get(i).payload().length == entries.get(i - 1).payload().length) {
        return i;
      }
    }
    throw new AssertionError("no neighbours of one length");
  }

  @Test
  void shouldNameARemovedTail() {
    Path copy = copy();
    Place last = JournalEdit.place(copy, entries.size());
    JournalEdit.write(last.file(), last.offset() - 4, ByteBuffer.allocate(last.length() + 4));
    assertFirst(AuditFinding.RECORD_MISSING, entries.size(), audit(copy));
  }

  @Test
  void shouldNameAChangedHeadOfAnEpoch() {
    for (int offset : new int[] {12, 20, 50, 60, 90}) {
      Path copy = folder.resolve("head-" + offset);
      JournalEdit.copy(honest, copy);
      Path head = copy.resolve("epoch-00000002").resolve("epoch");
      ByteBuffer bytes = JournalEdit.read(head, offset, 1);
      bytes.put(0, (byte) (bytes.get(0) ^ 1));
      JournalEdit.write(head, offset, bytes);
      AuditReport report = audit(copy);
      assertFirst(AuditFinding.EPOCH_HEAD, report.findings().getFirst().position(), report);
    }
  }

  @Test
  void shouldNameAHeadThatWasChangedTogetherWithItsChecksum() {
    for (int offset : new int[] {12, 20, 60}) {
      Path copy = folder.resolve("head-" + offset);
      JournalEdit.copy(honest, copy);
      for (String epoch : new String[] {"epoch-00000001", "epoch-00000002"}) {
        Path edited = copy.resolve(epoch).resolve("epoch");
        ByteBuffer head = JournalEdit.read(edited, 0, 92).order(ByteOrder.LITTLE_ENDIAN);
        head.put(offset, (byte) (head.get(offset) ^ 1));
        CRC32C crc = new CRC32C();
        crc.update(head.array(), 0, 88);
        head.putInt(88, (int) crc.getValue());
        JournalEdit.write(edited, 0, head);
        AuditReport report = audit(copy);
        assertNamed(AuditFinding.EPOCH_HEAD, report.findings().getFirst().position(), report);
        JournalEdit.copy(honest, copy);
      }
    }
  }
}
