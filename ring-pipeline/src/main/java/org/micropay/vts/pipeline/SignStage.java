package org.micropay.vts.pipeline;

import com.lmax.disruptor.Sequence;
import org.micropay.vts.ticket.AnswerCode;

/**
 * Counter-signs grants, new and repeated, beside the journal: the signature is computed while the
 * disk works, and {@link ReplyStage} lets it out only when both are done.
 *
 * <p>A repeat is signed again instead of looked up: the signature is deterministic, so the receipt
 * is the same to the byte, and nothing needs to be kept. The signer verifies what it signed; a
 * signature that does not verify means a broken kernel or machine, and halts the process.
 */
final class SignStage extends LaneStage {
  private static final int GRANTED = AnswerCode.GRANTED.number();

  private final CounterSigner signer;
  private final Column digests;
  private final Column signatures;
  private final Column verdicts;

  SignStage(
      StageContext context,
      PipelineConfig config,
      WorkerGroup group,
      int member,
      CounterSigner signer,
      Sequence decided) {
    super("sign-" + member, context, group, member, config.lanes(), config.signBatch(), decided);
    this.signer = signer;
    this.digests = new Column(arena, config.signBatch(), ClaimSlot.DIGEST);
    this.signatures = new Column(arena, config.signBatch(), ClaimSlot.SIGNATURE_LENGTH);
    this.verdicts = new Column(arena, config.signBatch(), 1);
  }

  @Override
  long touch(ClaimSlot slot) {
    return slot.code + slot.spendDigest[0] + slot.signature[0];
  }

  @Override
  boolean select(ClaimSlot slot, int place) {
    return slot.kind == SlotKind.CLAIM && slot.code == GRANTED;
  }

  @Override
  boolean gather(ClaimSlot slot, int place, int row) {
    digests.put(row, slot.spendDigest, 0);
    return true;
  }

  @Override
  void process(int rows) {
    // A signer that returns without having worked must not leave the last batch's verdicts.
    verdicts.clear(rows);
    signer.sign(digests.segment(), signatures.segment(), verdicts.segment(), rows);
  }

  @Override
  void scatter(int row, ClaimSlot slot) {
    if (verdicts.get(row) != 1) {
      throw new IllegalStateException(
          "the counter-signature for the grant at journal position "
              + slot.receiptPosition
              + " did not verify; check the kernel's self-test and the machine's memory");
    }
    signatures.get(row, slot.signature, 0);
  }

  @Override
  void moveToFront(int from, int rows) {
    digests.moveToFront(from, rows);
  }
}
