package org.micropay.vts.pipeline;

import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ledger.RecordType;

/**
 * The way onto the ring for everything else that changes the ledger: registrations, chain events,
 * settlement records, clock ticks. Any thread.
 *
 * <p>A command may use every slot of the ring, a claim all but the reserve. Commands come from a
 * few threads of the appliance that wait for their answers, so a share of the ring is enough; one
 * that finds no room is told so and tries again.
 */
public final class CommandIngress {
  /** Longest payload in bytes; six times the largest standard batch with its bookkeeping. */
  public static final int MAX_PAYLOAD = 256 * 1024;

  private final RingBuffer<ClaimSlot> ring;
  private final HaltSwitch haltSwitch;
  private volatile boolean closed;

  CommandIngress(RingBuffer<ClaimSlot> ring, HaltSwitch haltSwitch) {
    this.ring = ring;
    this.haltSwitch = haltSwitch;
  }

  /**
   * Puts one command on the ring; never waits.
   *
   * @param type number of a {@link org.micropay.vts.ledger.RecordType} that may be submitted
   * @param timeMillis when it happened, milliseconds since the Unix epoch
   * @param payload the record's payload in the layout of its type; copied before the call returns.
   *     More than {@link ClaimSlot#INLINE_PAYLOAD} bytes are copied into an array of their own
   * @param completion called when the effect is durable, see {@link CommandCompletion}
   * @return false when the ring is full or the pipeline no longer accepts, see {@link #isOpen()}
   * @throws IllegalArgumentException for a type that is no command, or a payload longer than {@link
   *     #MAX_PAYLOAD}: the journal would refuse it, and that would halt the process
   */
  public boolean trySubmit(
      int type,
      long timeMillis,
      DirectBuffer payload,
      int offset,
      int length,
      CommandCompletion completion) {
    requireCommand(type);
    if (length > MAX_PAYLOAD) {
      throw new IllegalArgumentException(
          "payload of " + length + " bytes; a command has at most " + MAX_PAYLOAD);
    }
    if (!isOpen()) {
      return false;
    }
    payload.boundsCheck(offset, length);
    DirectBuffer large = length > ClaimSlot.INLINE_PAYLOAD ? copy(payload, offset, length) : null;
    long sequence;
    try {
      sequence = ring.tryNext();
    } catch (InsufficientCapacityException full) {
      return false;
    }
    ClaimSlot slot = ring.get(sequence);
    try {
      if (large == null) {
        payload.getBytes(offset, slot.row, 0, length);
      }
      slot.largePayload = large;
      slot.length = length;
      slot.commandType = type;
      slot.timeMillis = timeMillis;
      slot.completion = completion;
      slot.kind = SlotKind.COMMAND;
    } finally {
      ring.publish(sequence);
    }
    return true;
  }

  /** Grants, proofs and digests come from the decide stage alone. */
  private static void requireCommand(int type) {
    RecordType known = RecordType.ofNumber(type);
    if (known == null
        || known == RecordType.GRANT
        || known == RecordType.DOUBLE_SPEND
        || known == RecordType.STATE_DIGEST) {
      throw new IllegalArgumentException(
          "record type " + (known == null ? type : known) + " cannot be submitted as a command");
    }
  }

  private static DirectBuffer copy(DirectBuffer payload, int offset, int length) {
    byte[] bytes = new byte[length];
    payload.getBytes(offset, bytes);
    return new UnsafeBuffer(bytes);
  }

  /** Whether a refused command may be tried again: neither closed nor halted. */
  public boolean isOpen() {
    return !closed && !haltSwitch.isHalted();
  }

  void close() {
    closed = true;
  }
}
