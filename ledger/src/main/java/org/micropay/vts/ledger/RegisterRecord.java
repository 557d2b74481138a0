package org.micropay.vts.ledger;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Registration;

/**
 * Payload of {@link RecordType#REGISTER}, 235 bytes, or 355 with a deposit: the buyer's request,
 * whose signatures were verified, and what the chain showed about its outputs.
 *
 * <pre>
 *  0              4                     8            40
 *  | fundedHeight | depositFundedHeight | seenAtTip  | registration, 195 or 315 bytes |
 * </pre>
 *
 * <p>Heights are u32; depositFundedHeight is 0 without a deposit. seenAtTip is the hash, internal
 * byte order, of the block that was the tip when both outputs were seen confirmed and unspent. The
 * ledger accepts it only while that is its own tip: otherwise a spend in a block between the two
 * would have passed unnoticed, because events about outpoints that are not registered are ignored.
 */
public final class RegisterRecord {
  /** u32. */
  public static final int FUNDED_HEIGHT = 0;

  /** u32. */
  public static final int DEPOSIT_FUNDED_HEIGHT = 4;

  /** 32 bytes. */
  public static final int SEEN_AT_TIP = 8;

  /** The registration, to the end of the payload. */
  public static final int REGISTRATION = 40;

  /** Greatest length in bytes. */
  public static final int MAX_LENGTH = REGISTRATION + Registration.MAX_LENGTH;

  private RegisterRecord() {}

  /** Writes the payload at {@code offset} and returns its length in bytes. */
  public static int encode(
      MutableDirectBuffer target,
      int offset,
      Registration registration,
      int fundedHeight,
      int depositFundedHeight,
      Bytes32 seenAtTip) {
    target.putInt(offset + FUNDED_HEIGHT, fundedHeight, ByteOrder.LITTLE_ENDIAN);
    target.putInt(offset + DEPOSIT_FUNDED_HEIGHT, depositFundedHeight, ByteOrder.LITTLE_ENDIAN);
    target.putBytes(offset + SEEN_AT_TIP, seenAtTip.toArray());
    byte[] bytes = registration.encode();
    target.putBytes(offset + REGISTRATION, bytes);
    return REGISTRATION + bytes.length;
  }
}
