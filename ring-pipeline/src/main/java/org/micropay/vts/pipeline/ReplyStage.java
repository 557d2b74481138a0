package org.micropay.vts.pipeline;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Lets answers out: behind the journal and behind every sign stage, so that what leaves is durable
 * and, for a grant, signed. The last stage: its sequence gives slots back to the producers.
 */
final class ReplyStage extends Stage {
  private final RingBuffer<ClaimSlot> ring;
  private final ReplyPort replyPort;
  private final GrantPort grantPort;
  private final ServiceRate serviceRate;
  private final AtomicLongArray answers;
  private final int batch;

  /** {@code gates} are the sequences that a slot must have passed before it is answered. */
  ReplyStage(
      StageContext context,
      PipelineConfig config,
      ReplyPort replyPort,
      GrantPort grantPort,
      ServiceRate serviceRate,
      AtomicLongArray answers,
      Sequence... gates) {
    super("reply", context, gates);
    this.ring = context.ring();
    this.replyPort = replyPort;
    this.grantPort = grantPort;
    this.serviceRate = serviceRate;
    this.answers = answers;
    this.batch = config.replyBatch();
  }

  @Override
  int poll(int limit) {
    long next = position() + 1;
    long last = available(next, next + Math.min(limit, batch) - 1);
    if (last < next) {
      return 0;
    }
    long now = nanoTime();
    for (long at = next; at <= last; at++) {
      if (isHalted()) {
        // What is left is durable and would be legitimate; still, a halted VTS says nothing more.
        return 0;
      }
      ClaimSlot slot = slot(at);
      slot.replyNanos = now;
      answer(slot);
      slot.clear();
    }
    replyPort.endOfBatch();
    int slots = (int) (last - next + 1);
    serviceRate.onBatch(slots, ring.getCursor() - last, now);
    advance(last);
    return slots;
  }

  private void answer(ClaimSlot slot) {
    if (slot.kind == SlotKind.CLAIM) {
      answers.setOpaque(slot.code, answers.getPlain(slot.code) + 1);
      if (slot.newGrant) {
        grantPort.onGrant(slot);
      }
      replyPort.onReply(slot);
    } else if (slot.kind == SlotKind.COMMAND) {
      slot.completion.onCommand(slot.commandType, slot.code, slot.receiptPosition);
    }
  }
}
