package org.micropay.vts.ledger;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.ClaimView;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.RegistrationView;

/** A record's payload, copied into an array of its own. Belongs to the writer. */
final class RecordReader {
  private static final VarHandle INT_LE =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN)
          .withInvokeExactBehavior();

  private final byte[] bytes =
      new byte[Math.max(DoubleSpendRecord.MAX_LENGTH, RegisterRecord.MAX_LENGTH)];
  private final ClaimView claim = new ClaimView();
  private final RegistrationView registration = new RegistrationView();
  private int length;

  /** Copies a command's payload; false when its length is not one that the type can have. */
  boolean wrap(RecordType type, DirectBuffer payload, int offset, int payloadLength) {
    boolean fits =
        switch (type) {
          case CONFIG -> payloadLength == LedgerPolicy.LENGTH;
          case REGISTER ->
              payloadLength == RegisterRecord.REGISTRATION + Registration.MIN_LENGTH
                  || payloadLength == RegisterRecord.MAX_LENGTH;
          case BLOCK_CONNECTED, BLOCK_DISCONNECTED -> payloadLength == BlockRecord.LENGTH;
          case ESCROW_SPENT -> payloadLength == OutpointRecord.SPENT_LENGTH;
          case ESCROW_FUNDED, ESCROW_UNFUNDED, ESCROW_UNSPENT ->
              payloadLength == OutpointRecord.LENGTH;
          case TICK -> payloadLength == 0 || payloadLength == TickRecord.TIP_LENGTH;
          case STATE_DIGEST -> payloadLength == StateDigestRecord.LENGTH;
          case GRANT, DOUBLE_SPEND -> false;
          default -> type.isOpaque();
        };
    if (fits && !type.isOpaque()) {
      payload.getBytes(offset, bytes, 0, payloadLength);
      length = payloadLength;
    }
    return fits;
  }

  /** Copies a claim with what stands before it; 0, or the AnswerCode number that objects. */
  int wrapClaim(DirectBuffer payload, int offset, int payloadLength, int claimStart) {
    int claimLength = payloadLength - claimStart;
    if (claimLength < ClaimLayout.MIN_LENGTH || claimLength > ClaimLayout.MAX_LENGTH) {
      return AnswerCode.MALFORMED.number();
    }
    payload.getBytes(offset, bytes, 0, payloadLength);
    length = payloadLength;
    return claim.wrap(bytes, claimStart, claimLength).checkWellFormed();
  }

  byte[] bytes() {
    return bytes;
  }

  ClaimView claim() {
    return claim;
  }

  int intAt(int offset) {
    return (int) INT_LE.get(bytes, offset);
  }

  Bytes32 bytes32At(int offset) {
    return Bytes32.copyOf(bytes, offset);
  }

  /** The registration of a REGISTER record; its form is not checked yet. */
  RegistrationView registration() {
    return registration.wrap(
        bytes, RegisterRecord.REGISTRATION, length - RegisterRecord.REGISTRATION);
  }
}
