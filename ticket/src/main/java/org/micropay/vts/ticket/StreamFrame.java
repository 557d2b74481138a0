package org.micropay.vts.ticket;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.micropay.vts.ticket.sbe.AskDecoder;
import org.micropay.vts.ticket.sbe.ClaimReplyDecoder;
import org.micropay.vts.ticket.sbe.ClaimRequestDecoder;
import org.micropay.vts.ticket.sbe.ErrorReplyDecoder;
import org.micropay.vts.ticket.sbe.EscrowReplyDecoder;
import org.micropay.vts.ticket.sbe.EscrowRequestDecoder;
import org.micropay.vts.ticket.sbe.HelloDecoder;
import org.micropay.vts.ticket.sbe.MessageHeaderDecoder;
import org.micropay.vts.ticket.sbe.ReceiptDecoder;
import org.micropay.vts.ticket.sbe.RegisterReplyDecoder;
import org.micropay.vts.ticket.sbe.RegisterRequestDecoder;
import org.micropay.vts.ticket.sbe.TermsDecoder;
import org.micropay.vts.ticket.sbe.TicketDecoder;
import org.micropay.vts.ticket.sbe.WelcomeDecoder;

/**
 * Frames of the claim stream. Any thread; allocates nothing; owns no memory.
 *
 * <pre>
 *   0        4             6            8          10        12                  4 + length
 *   +--------+-------------+------------+----------+---------+---------+---------+
 *   | length | blockLength | templateId | schemaId | version | block   | data    |
 *   +--------+-------------+------------+----------+---------+---------+---------+
 *     u32      u16           u16          u16        u16       fields    u16 length and bytes
 *             \__________________ SBE message header ______/
 * </pre>
 *
 * {@code length} counts what follows it, 8 to 4,096 bytes. A length that is too small, or far too
 * large to step over, ends the stream; everything else that is wrong with a frame concerns that
 * frame alone.
 */
public final class StreamFrame {
  /** Length in bytes of the length field. */
  public static final int LENGTH_FIELD = 4;

  /** Length in bytes of the SBE message header. */
  public static final int HEADER_LENGTH = MessageHeaderDecoder.ENCODED_LENGTH;

  /** Where the message's fields begin in the frame. */
  public static final int BLOCK = LENGTH_FIELD + HEADER_LENGTH;

  /** Least value of the length field. */
  public static final int MIN_LENGTH = HEADER_LENGTH;

  /** Greatest value of the length field. */
  public static final int MAX_LENGTH = 4096;

  private static final int VAR_DATA_HEADER = 2;

  private StreamFrame() {}

  /**
   * The length field of a frame, once its first four bytes are there.
   *
   * @return 8 to 4,096, or minus the number of the {@link AnswerCode} that the frame is refused
   *     with: MALFORMED when too small, TOO_LARGE when too large
   */
  public static int length(DirectBuffer buffer, int offset) {
    int length = buffer.getInt(offset, ByteOrder.LITTLE_ENDIAN);
    if (length > MAX_LENGTH || length < 0) {
      return -AnswerCode.TOO_LARGE.number();
    }
    return length < MIN_LENGTH ? -AnswerCode.MALFORMED.number() : length;
  }

  /**
   * Writes the length field and the message header of a frame.
   *
   * @param bodyLength bytes behind the header: block and variable data
   * @return length of the whole frame with its length field
   */
  public static int writeHeader(
      MutableDirectBuffer buffer, int offset, int templateId, int blockLength, int bodyLength) {
    ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    buffer.putInt(offset, HEADER_LENGTH + bodyLength, order);
    buffer.putShort(offset + 4, (short) blockLength, order);
    buffer.putShort(offset + 6, (short) templateId, order);
    buffer.putShort(offset + 8, (short) MessageHeaderDecoder.SCHEMA_ID, order);
    buffer.putShort(offset + 10, (short) MessageHeaderDecoder.SCHEMA_VERSION, order);
    return BLOCK + bodyLength;
  }

  /** The template id of the message that begins (with its header) at {@code offset}. */
  public static int templateId(DirectBuffer buffer, int offset) {
    return unsignedShort(buffer, offset + 2);
  }

  /**
   * The correlation id of a message, also of one that is refused: 0 when it is too short to have
   * one, or of a kind without.
   *
   * @param offset where the message header begins
   * @param length bytes of header, block and data
   */
  public static long correlationId(DirectBuffer buffer, int offset, int length) {
    if (length < HEADER_LENGTH + Long.BYTES || !hasCorrelationId(templateId(buffer, offset))) {
      return 0;
    }
    return buffer.getLong(offset + HEADER_LENGTH, ByteOrder.LITTLE_ENDIAN);
  }

  private static boolean hasCorrelationId(int templateId) {
    return templateId >= ClaimRequestDecoder.TEMPLATE_ID
        && templateId <= ErrorReplyDecoder.TEMPLATE_ID;
  }

  /**
   * Checks header and lengths, so that the flyweight of this template can be wrapped without any
   * further check of bounds.
   *
   * @param offset where the message header begins
   * @param length bytes of header, block and data; at least {@link #MIN_LENGTH}
   * @return 0, UNSUPPORTED_MESSAGE for a schema, version or template that is not ours, or MALFORMED
   *     when the lengths do not agree to the byte
   */
  public static int check(DirectBuffer buffer, int offset, int length) {
    int blockLength = blockLength(templateId(buffer, offset));
    if (unsignedShort(buffer, offset + 4) != MessageHeaderDecoder.SCHEMA_ID
        || unsignedShort(buffer, offset + 6) != MessageHeaderDecoder.SCHEMA_VERSION
        || blockLength < 0) {
      return AnswerCode.UNSUPPORTED_MESSAGE.number();
    }
    int expected = HEADER_LENGTH + blockLength;
    if (unsignedShort(buffer, offset) != blockLength || length < expected) {
      return AnswerCode.MALFORMED.number();
    }
    if (hasVarData(templateId(buffer, offset))) {
      if (length < expected + VAR_DATA_HEADER) {
        return AnswerCode.MALFORMED.number();
      }
      expected += VAR_DATA_HEADER + unsignedShort(buffer, offset + expected);
    }
    return length == expected ? 0 : AnswerCode.MALFORMED.number();
  }

  /** Length of a template's block in bytes, or -1 when there is no such template. */
  private static int blockLength(int templateId) {
    return switch (templateId) {
      case HelloDecoder.TEMPLATE_ID -> HelloDecoder.BLOCK_LENGTH;
      case WelcomeDecoder.TEMPLATE_ID -> WelcomeDecoder.BLOCK_LENGTH;
      case ClaimRequestDecoder.TEMPLATE_ID -> ClaimRequestDecoder.BLOCK_LENGTH;
      case ClaimReplyDecoder.TEMPLATE_ID -> ClaimReplyDecoder.BLOCK_LENGTH;
      case EscrowRequestDecoder.TEMPLATE_ID -> EscrowRequestDecoder.BLOCK_LENGTH;
      case EscrowReplyDecoder.TEMPLATE_ID -> EscrowReplyDecoder.BLOCK_LENGTH;
      case RegisterRequestDecoder.TEMPLATE_ID -> RegisterRequestDecoder.BLOCK_LENGTH;
      case RegisterReplyDecoder.TEMPLATE_ID -> RegisterReplyDecoder.BLOCK_LENGTH;
      case ErrorReplyDecoder.TEMPLATE_ID -> ErrorReplyDecoder.BLOCK_LENGTH;
      case TermsDecoder.TEMPLATE_ID -> TermsDecoder.BLOCK_LENGTH;
      case AskDecoder.TEMPLATE_ID -> AskDecoder.BLOCK_LENGTH;
      case TicketDecoder.TEMPLATE_ID -> TicketDecoder.BLOCK_LENGTH;
      case ReceiptDecoder.TEMPLATE_ID -> ReceiptDecoder.BLOCK_LENGTH;
      default -> -1;
    };
  }

  private static boolean hasVarData(int templateId) {
    return switch (templateId) {
      case ClaimRequestDecoder.TEMPLATE_ID,
          EscrowReplyDecoder.TEMPLATE_ID,
          RegisterRequestDecoder.TEMPLATE_ID,
          ErrorReplyDecoder.TEMPLATE_ID,
          AskDecoder.TEMPLATE_ID,
          TicketDecoder.TEMPLATE_ID ->
          true;
      default -> false;
    };
  }

  private static int unsignedShort(DirectBuffer buffer, int offset) {
    return buffer.getShort(offset, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
  }
}
