package org.micropay.vts.audit;

import java.lang.foreign.Arena;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.FrameLayout;
import org.micropay.vts.journal.FrameRange;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.secp256k1.BatchVerifier;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.ticket.AnswerCode;

/**
 * Everything about a range of records that can be said without the records before it: frames, hash
 * chain, form, digests, openings, wins, and every signature, with one kernel call for each kind of
 * record. Ranges are checked side by side, each by a checker of its own.
 *
 * <p>One thread at a time. Owns its columns until {@link #close}.
 */
final class RangeChecker implements AutoCloseable {
  /**
   * Records in a range, at most: enough to fill the kernel's lanes, little enough for the cache.
   */
  static final int FRAMES = 512;

  /** Bytes of a range, at most; the longest frame fits. */
  static final int SPAN = 1 << 19;

  private static final int GRANT = RecordType.GRANT.number();
  private static final int DOUBLE_SPEND = RecordType.DOUBLE_SPEND.number();
  private static final int REGISTER = RecordType.REGISTER.number();
  private static final int BATCH_STORED = RecordType.BATCH_STORED.number();
  private static final int BURN_STORED = RecordType.BURN_STORED.number();

  private final Arena arena = Arena.ofShared();
  private final BatchVerifier verifier;
  private final FrameColumns frames;
  private final ClaimColumns claims;
  private final RegistrationColumns registrations;
  private final PaymentColumns payments;
  private final LeafColumns leaves;
  private final int[] types = new int[FRAMES];

  RangeChecker(Kernel kernel) {
    verifier = kernel.newVerifier();
    MessageHashes.Hasher hasher = MessageHashes.of(kernel, SPAN);
    frames = new FrameColumns(arena, hasher, FRAMES, SPAN);
    claims = new ClaimColumns(arena, ClaimHashes.of(kernel), verifier, FRAMES);
    registrations = new RegistrationColumns(arena, hasher, verifier, FRAMES);
    payments = new PaymentColumns(arena, verifier);
    leaves = new LeafColumns(arena, hasher, FRAMES);
  }

  /** The range's frames, from {@link #check} until the next. */
  FrameColumns frames() {
    return frames;
  }

  /** The registrations of the range, from {@link #check} until the next. */
  RegistrationColumns registrations() {
    return registrations;
  }

  /** Hashes of the range's leaves, by frame; of grants and proofs whose claim is of a length. */
  Column leaves() {
    return leaves.digests();
  }

  /** Checks a range; {@code result} is cleared first. */
  void check(FrameRange range, RangeResult result) {
    result.clear();
    claims.clear();
    registrations.clear();
    frames.load(range);
    for (int i = 0; i < range.count(); i++) {
      types[i] = 0;
      if (frames.checkFrame(range, i, result)) {
        types[i] = frames.buffer().getShort(typeAt(i)) & 0xFFFF;
        take(range, i, result);
      }
    }
    chain(range, result);
    leaves.run();
    claims.check(range, result);
    registrations.check(frames.segment(), range, result);
  }

  private int typeAt(int index) {
    return frames.at(index) + FrameLayout.TYPE_OFFSET;
  }

  /** Frames of one kind have about one length, and hash best side by side. */
  private void chain(FrameRange range, RangeResult result) {
    addToChain(range, GRANT);
    addToChain(range, REGISTER);
    for (int i = 0; i < range.count(); i++) {
      if (types[i] != 0 && types[i] != GRANT && types[i] != REGISTER) {
        frames.addToChain(i);
      }
    }
    frames.checkChain(range, result);
  }

  private void addToChain(FrameRange range, int type) {
    for (int i = 0; i < range.count(); i++) {
      if (types[i] == type) {
        frames.addToChain(i);
      }
    }
  }

  private void take(FrameRange range, int i, RangeResult result) {
    UnsafeBuffer buffer = frames.buffer();
    int frame = frames.at(i);
    int payload = frame + FrameLayout.PAYLOAD_OFFSET;
    int length = buffer.getInt(frame + FrameLayout.PAYLOAD_LENGTH_OFFSET);
    if (types[i] == GRANT) {
      takeClaim(range, i, RecordType.GRANT, GrantRecord.CLAIM, length, result);
    } else if (types[i] == DOUBLE_SPEND) {
      takeClaim(range, i, RecordType.DOUBLE_SPEND, DoubleSpendRecord.CLAIM, length, result);
    } else if (types[i] == REGISTER) {
      int start = RegisterRecord.REGISTRATION;
      String fault = registrations.add(i, buffer, payload + start, length - start);
      if (fault != null) {
        result.find(range, i, AuditFinding.REGISTRATION_MALFORMED, fault);
      }
    } else if (types[i] == BATCH_STORED) {
      payments.check(range, i, buffer, payload, length, result);
    } else if (types[i] == BURN_STORED) {
      payments.checkBurn(range, i, buffer, payload, length, result);
    }
  }

  private void takeClaim(
      FrameRange range, int i, RecordType type, int claimStart, int length, RangeResult result) {
    int payload = frames.at(i) + FrameLayout.PAYLOAD_OFFSET;
    if (LeafColumns.fits(length - claimStart)) {
      long time = frames.buffer().getLong(frames.at(i) + FrameLayout.TIME_OFFSET);
      leaves.add(i, type, range.position(i), time, frames.buffer(), payload, length);
    }
    int objection =
        claims.add(
            i, frames.buffer(), payload, payload + claimStart, Math.max(0, length - claimStart));
    if (objection != 0) {
      result.find(
          range, i, AuditFinding.CLAIM_MALFORMED, AnswerCode.ofNumber(objection).toString());
    }
  }

  @Override
  public void close() {
    verifier.close();
    arena.close();
  }
}
