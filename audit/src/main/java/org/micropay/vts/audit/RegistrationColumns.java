package org.micropay.vts.audit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.FrameRange;
import org.micropay.vts.secp256k1.BatchVerifier;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.ProtocolException;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.TaggedHash;
import org.micropay.vts.ticket.TermsLayout;

/**
 * The registrations of one range: the buyer's signature over the terms and, where there is a
 * deposit, the one over its burn. Those without a deposit, the many, are hashed and verified in
 * batches without allocation; a deposit goes through the protocol's own classes.
 *
 * <p>Form and ranges of the terms are the ledger's business when it decides again. One thread.
 */
final class RegistrationColumns {
  private static final int FLAGS = TermsLayout.LENGTH;
  private static final int PREIMAGE = 64;
  private static final int NONE = -1;

  private final BatchVerifier verifier;
  private final MessageHashes hashes;
  private final MemorySegment termsTag;
  private final MemorySegment registrationTag;
  private final Column preimages;
  private final int[] plainItems;
  private final Lot plain;
  private final Lot secured;

  /** Registrations with the same number of signatures under the buyer's key. */
  private static final class Lot {
    final int perKey;
    final int[] frames;
    final Column digests;
    final Column signatures;
    final Column publicKeys;
    final Column verdicts;
    int count;

    Lot(Arena arena, int capacity, int perKey) {
      this.perKey = perKey;
      frames = new int[capacity];
      digests = new Column(arena, perKey * capacity, 32);
      signatures = new Column(arena, perKey * capacity, 64);
      publicKeys = new Column(arena, capacity, 33);
      verdicts = new Column(arena, perKey * capacity, 1);
    }

    void verify(BatchVerifier verifier, RangeResult result) {
      verdicts.clear(perKey * count);
      verifier.verify(
          digests.segment, signatures.segment, publicKeys.segment, verdicts.segment, count, perKey);
      result.signatures += (long) perKey * count;
    }
  }

  RegistrationColumns(
      Arena arena, MessageHashes.Hasher hasher, BatchVerifier verifier, int capacity) {
    this.verifier = verifier;
    hashes = new MessageHashes(arena, hasher, capacity);
    termsTag = tag(arena, TaggedHash.TERMS);
    registrationTag = tag(arena, TaggedHash.REGISTRATION);
    preimages = new Column(arena, capacity, PREIMAGE);
    plainItems = new int[capacity];
    plain = new Lot(arena, capacity, 1);
    secured = new Lot(arena, capacity, 2);
  }

  private static MemorySegment tag(Arena arena, TaggedHash hash) {
    byte[] prefix = new byte[TaggedHash.PREFIX_LENGTH];
    hash.copyPrefixTo(prefix, 0);
    return arena.allocate(prefix.length, 64).copyFrom(MemorySegment.ofArray(prefix));
  }

  void clear() {
    plain.count = 0;
    secured.count = 0;
  }

  /**
   * Takes a registration.
   *
   * @param at offset of its 195 or 315 bytes
   * @return null, or what is wrong with its form
   */
  String add(int frame, UnsafeBuffer memory, int at, int length) {
    plainItems[frame] = NONE;
    if (length == Registration.MAX_LENGTH) {
      return addSecured(frame, memory, at);
    }
    if (length != Registration.MIN_LENGTH || memory.getByte(at + FLAGS) != 0) {
      return "registration of " + length + " bytes";
    }
    int item = plain.count++;
    plainItems[frame] = item;
    plain.frames[item] = frame;
    hashes.add(at, TermsLayout.LENGTH, item * PREIMAGE);
    plain.signatures.put(item, memory, at + length - CompactSignature.LENGTH);
    plain.publicKeys.put(item, memory, at + TermsLayout.BUYER_KEY);
    return null;
  }

  private String addSecured(int frame, UnsafeBuffer memory, int at) {
    byte[] bytes = new byte[Registration.MAX_LENGTH];
    memory.getBytes(at, bytes);
    Registration registration;
    try {
      registration = Registration.decode(bytes);
    } catch (ProtocolException e) {
      return e.getMessage();
    }
    Deposit deposit = registration.deposit().orElseThrow();
    int item = secured.count++;
    secured.frames[item] = frame;
    Bytes32 burn = SpendTemplate.burn(registration.terms(), deposit).digest();
    secured.digests.buffer.putBytes(item * 64, registration.digest().toArray());
    secured.digests.buffer.putBytes(item * 64 + 32, burn.toArray());
    secured.signatures.buffer.putBytes(item * 128, registration.sigTerms().toArray());
    secured.signatures.buffer.putBytes(item * 128 + 64, deposit.sigBurn().toArray());
    secured.publicKeys.put(item, memory, at + TermsLayout.BUYER_KEY);
    return null;
  }

  /** Checks what was taken; {@code memory} is what the offsets were in. */
  void check(MemorySegment memory, FrameRange range, RangeResult result) {
    if (plain.count > 0) {
      preimages.clear(plain.count); // the second half: no deposit
      hashes.run(termsTag, memory, preimages.segment);
      for (int i = 0; i < plain.count; i++) {
        hashes.add(i * PREIMAGE, PREIMAGE, i * 32);
      }
      hashes.run(registrationTag, preimages.segment, plain.digests.segment);
      plain.verify(verifier, result);
      for (int i = 0; i < plain.count; i++) {
        judgeTerms(plain.verdicts.get(i), range, plain.frames[i], result);
      }
    }
    if (secured.count > 0) {
      secured.verify(verifier, result);
      for (int i = 0; i < secured.count; i++) {
        judgeTerms(secured.verdicts.get(2 * i), range, secured.frames[i], result);
        if (secured.verdicts.get(2 * i + 1) != 1) {
          result.find(
              range, secured.frames[i], AuditFinding.DEPOSIT_SIGNATURE, "sigBurn under buyerKey");
        }
      }
    }
  }

  /**
   * The digest of a registration's terms, 32 bytes, if it was hashed with the others.
   *
   * @param frame index of a REGISTER frame that was taken
   * @return whether it was
   */
  boolean copyTermsDigest(int frame, MemorySegment target, long offset) {
    int item = plainItems[frame];
    if (item == NONE) {
      return false;
    }
    MemorySegment.copy(preimages.segment, (long) item * PREIMAGE, target, offset, 32);
    return true;
  }

  private static void judgeTerms(byte verdict, FrameRange range, int frame, RangeResult result) {
    if (verdict != 1) {
      result.find(range, frame, AuditFinding.REGISTRATION_SIGNATURE, "sigTerms under buyerKey");
    }
  }
}
