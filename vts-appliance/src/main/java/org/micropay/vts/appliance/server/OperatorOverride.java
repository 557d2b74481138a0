package org.micropay.vts.appliance.server;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.FrameLayout;
import org.micropay.vts.journal.JournalPoint;
import org.micropay.vts.journal.SnapshotStore;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.RecordType;

/**
 * An operator's word that a journal is to be used although it lacks, or contradicts, what is known
 * of it: an older copy after a lost disk. It is journaled, so that whoever audits sees it.
 *
 * <pre>
 *  payload of OPERATOR_OVERRIDE, little-endian
 *  0          2      4           8                    16                48
 *  | kind u16 | zero | length u32 | knownPosition u64 | knownChain 32   | reason, UTF-8 ... |
 *  kind 1: the journal is behind its anchor or its snapshots. known: what the anchor said, or zeros
 * </pre>
 *
 * @param reason in the operator's words, at most 500 characters
 */
public record OperatorOverride(String reason) {
  private static final int BEHIND = 1;
  private static final int LENGTH_AT = 4;
  private static final int POSITION_AT = 8;
  private static final int CHAIN_AT = 16;
  private static final int REASON_AT = 48;
  private static final int MAX_REASON = 500;

  /** Checks the reason. */
  public OperatorOverride {
    if (reason.isBlank() || reason.length() > MAX_REASON) {
      throw new IllegalArgumentException("say why, in at most " + MAX_REASON + " characters");
    }
  }

  /** Journals it, durably, and puts aside the snapshots, which may be another history's. */
  void journal(
      SnapshotStore snapshots,
      ChronicleJournal journal,
      Ledger ledger,
      JournalPoint anchor,
      long nowMillis) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(REASON_AT + text.length).order(ByteOrder.LITTLE_ENDIAN);
    out.putShort((short) BEHIND).putShort((short) 0).putInt(text.length);
    out.putLong(anchor == null ? 0 : anchor.position());
    out.put(anchor == null ? new byte[FrameLayout.CHAIN_LENGTH] : anchor.chain()).put(text);
    UnsafeBuffer payload = new UnsafeBuffer(out.array());
    long position = journal.nextPosition();
    long time = Math.max(nowMillis, ledger.clockMillis());
    int type = RecordType.OPERATOR_OVERRIDE.number();
    ledger.execute(position, type, time, payload, 0, payload.capacity());
    journal.append(position, type, time, payload, 0, payload.capacity());
    journal.sync();
    snapshots.reject();
  }

  /** What a record says, for people. */
  public static String reason(DirectBuffer payload, int offset, int length) {
    byte[] text = new byte[Math.max(0, length - REASON_AT)];
    payload.getBytes(offset + REASON_AT, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  /** The position that was known, in a record's payload. */
  public static long knownPosition(DirectBuffer payload, int offset) {
    return payload.getLong(offset + POSITION_AT, ByteOrder.LITTLE_ENDIAN);
  }
}
