package org.micropay.vts.ledger;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The escrows, one slot each, in native memory.
 *
 * <pre>
 *  0        4              8             12           16
 *  | stamp  | fundedHeight | spentHeight | deposit+1  |     u32 each; 0 = not funded, unspent, none
 *  16                     24             32           40
 *  | registrationPosition | grantPosition | doubleSpendPosition |    u64 each; 0 = none
 *  40                     72
 *  | claimId of the grant | core of the terms 93 | 0 0 0 |  168 bytes in all
 *
 *  core = bytes 4 to 97 of the canonical terms; network and VTS key are the policy's:
 *  0       32     36      44       52     56             60          93
 *  | txid  | vout | value | payout | odds | refundHeight | buyerKey  |
 * </pre>
 *
 * <p>Only the methods below write an entry. Each checks what must hold whatever the caller decided,
 * above all that a grant is never overwritten, keeps the state digest in step, and brackets the
 * change for concurrent readers. One thread writes; readers follow {@link SlotTable}.
 */
final class EscrowTable {
  static final int ENTRY_BYTES = 168;
  static final int CORE_LENGTH = 93;
  static final int KEY_LENGTH = 36;

  /** Where the core starts in canonical terms, and so in a canonical claim. */
  static final int CORE_IN_TERMS = 4;

  static final int FUNDED_HEIGHT = 4;
  static final int SPENT_HEIGHT = 8;
  static final int DEPOSIT = 12;
  static final int REGISTRATION_POSITION = 16;
  static final int GRANT_POSITION = 24;
  static final int DOUBLE_SPEND_POSITION = 32;
  static final int CLAIM_ID = 40;
  static final int CLAIM_ID_LENGTH = 32;
  static final int CORE = 72;
  static final int CORE_REFUND_HEIGHT = 56;

  private static final long TERMS_TAG = 1;
  private static final long CHAIN_TAG = 2;
  private static final long GRANT_TAG = 3;
  private static final long DOUBLE_SPEND_TAG = 4;

  /** Lengths of the components of the state digest: terms; grant; chain and double-spend. */
  static final int[] COMPONENT_LENGTHS = {
    3 * Long.BYTES + CORE_LENGTH, 3 * Long.BYTES + CLAIM_ID_LENGTH, 3 * Long.BYTES
  };

  private static final VarHandle LONG_LE =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
          .withInvokeExactBehavior();
  private static final VarHandle INT_LE =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN)
          .withInvokeExactBehavior();

  private final SlotTable slots;
  private final OffHeap memory;
  private final StateDigest digest;
  private final RetirementBounds bounds;

  EscrowTable(Arena arena, int capacity, StateDigest digest) {
    slots = new SlotTable(arena, capacity, ENTRY_BYTES);
    memory = slots.memory();
    bounds = new RetirementBounds(capacity);
    this.digest = digest;
  }

  SlotTable slots() {
    return slots;
  }

  RetirementBounds bounds() {
    return bounds;
  }

  /** Finds the bounds of the slot's block again, from the entries in it. */
  void tightenBounds(int slot) {
    bounds.clear(slot);
    int end = Math.min(slots.highWater(), RetirementBounds.endOfBlock(slot));
    for (int i = slot - slot % RetirementBounds.BLOCK; i < end; i++) {
      if (isLive(i)) {
        bound(i);
      }
    }
  }

  private void bound(int slot) {
    bounds.spent(slot, spentHeight(slot));
    if (grantPosition(slot) == 0) {
      bounds.refundable(slot, (int) refundHeight(slot));
    }
  }

  boolean isLive(int slot) {
    return registrationPosition(slot) != 0;
  }

  int fundedHeight(int slot) {
    return memory.getInt(slots.at(slot) + FUNDED_HEIGHT);
  }

  int spentHeight(int slot) {
    return memory.getInt(slots.at(slot) + SPENT_HEIGHT);
  }

  int deposit(int slot) {
    return memory.getInt(slots.at(slot) + DEPOSIT) - 1;
  }

  long registrationPosition(int slot) {
    return memory.getLong(slots.at(slot) + REGISTRATION_POSITION);
  }

  long grantPosition(int slot) {
    return memory.getLong(slots.at(slot) + GRANT_POSITION);
  }

  long doubleSpendPosition(int slot) {
    return memory.getLong(slots.at(slot) + DOUBLE_SPEND_POSITION);
  }

  long refundHeight(int slot) {
    return Integer.toUnsignedLong(memory.getInt(slots.at(slot) + CORE + CORE_REFUND_HEIGHT));
  }

  /** Reads a word of each cache line of the entry, for {@link LookAhead}. */
  long touch(int slot) {
    long at = slots.at(slot);
    return memory.getLong(at)
        + memory.getLong(at + 64)
        + memory.getLong(at + 128)
        + memory.getLong(at + ENTRY_BYTES - Long.BYTES);
  }

  void copyCore(int slot, byte[] target, int offset) {
    memory.copyTo(slots.at(slot) + CORE, target, offset, CORE_LENGTH);
  }

  void copyClaimId(int slot, byte[] target, int offset) {
    memory.copyTo(slots.at(slot) + CLAIM_ID, target, offset, CLAIM_ID_LENGTH);
  }

  /** Whether the slot holds a live escrow with this outpoint. */
  boolean hasOutpoint(int slot, byte[] source, int offset) {
    return isLive(slot) && wordsEqual(slots.at(slot) + CORE, source, offset, KEY_LENGTH);
  }

  boolean hasCore(int slot, byte[] source, int offset) {
    long at = slots.at(slot) + CORE;
    return wordsEqual(at, source, offset, CORE_LENGTH - 1)
        && memory.getByte(at + CORE_LENGTH - 1) == source[offset + CORE_LENGTH - 1];
  }

  boolean hasClaimId(int slot, byte[] source, int offset) {
    return wordsEqual(slots.at(slot) + CLAIM_ID, source, offset, CLAIM_ID_LENGTH);
  }

  /** Compares whole 8-byte words and, if four bytes are left, these. */
  private boolean wordsEqual(long at, byte[] source, int offset, int length) {
    for (int i = 0; i + Long.BYTES <= length; i += Long.BYTES) {
      if (memory.getLong(at + i) != (long) LONG_LE.get(source, offset + i)) {
        return false;
      }
    }
    int last = length & -Long.BYTES;
    return last == length || memory.getInt(at + last) == (int) INT_LE.get(source, offset + last);
  }

  /** Puts a new escrow into an allocated, empty slot. */
  void writeRegistration(
      int slot, long position, byte[] core, int coreOffset, int fundedHeight, int deposit) {
    if (isLive(slot) || position <= 0 || fundedHeight <= 0) {
      throw broken(slot, "cannot register at " + position + " funded at " + fundedHeight);
    }
    long at = slots.at(slot);
    slots.beginWrite(slot);
    memory.putInt(at + FUNDED_HEIGHT, fundedHeight);
    memory.putInt(at + SPENT_HEIGHT, 0);
    memory.putInt(at + DEPOSIT, deposit + 1);
    memory.putLong(at + GRANT_POSITION, 0);
    memory.putLong(at + DOUBLE_SPEND_POSITION, 0);
    memory.zero(at + CLAIM_ID, CLAIM_ID_LENGTH);
    memory.copyFrom(at + CORE, core, coreOffset, CORE_LENGTH);
    memory.putLong(at + REGISTRATION_POSITION, position);
    slots.endWrite(slot);
    bound(slot);
    termsComponent(slot).add();
    chainComponent(slot).add();
  }

  /** Records the one grant that an escrow can have. */
  void writeGrant(int slot, long position, byte[] claimId, int claimIdOffset) {
    if (!isLive(slot) || grantPosition(slot) != 0 || position <= registrationPosition(slot)) {
      throw broken(slot, "cannot grant at " + position);
    }
    long at = slots.at(slot);
    slots.beginWrite(slot);
    memory.copyFrom(at + CLAIM_ID, claimId, claimIdOffset, CLAIM_ID_LENGTH);
    memory.putLong(at + GRANT_POSITION, position);
    slots.endWrite(slot);
    grantComponent(slot).add();
  }

  /** Records the first proof of a double-spend. */
  void writeDoubleSpend(int slot, long position) {
    if (grantPosition(slot) == 0
        || doubleSpendPosition(slot) != 0
        || position <= grantPosition(slot)) {
      throw broken(slot, "cannot record a double-spend at " + position);
    }
    slots.beginWrite(slot);
    memory.putLong(slots.at(slot) + DOUBLE_SPEND_POSITION, position);
    slots.endWrite(slot);
    doubleSpendComponent(slot).add();
  }

  /** Sets where the output was confirmed (0: nowhere) and spent (0: unspent). */
  void writeChain(int slot, int fundedHeight, int spentHeight) {
    if (!isLive(slot) || fundedHeight < 0 || spentHeight < 0) {
      throw broken(slot, "cannot be funded at " + fundedHeight + " and spent at " + spentHeight);
    }
    chainComponent(slot).subtract();
    slots.beginWrite(slot);
    memory.putInt(slots.at(slot) + FUNDED_HEIGHT, fundedHeight);
    memory.putInt(slots.at(slot) + SPENT_HEIGHT, spentHeight);
    slots.endWrite(slot);
    bounds.spent(slot, spentHeight);
    chainComponent(slot).add();
  }

  /** Empties the slot and frees it. */
  void retire(int slot) {
    if (!isLive(slot) || (grantPosition(slot) != 0 && spentHeight(slot) == 0)) {
      throw broken(slot, "cannot be retired");
    }
    subtractAll(slot);
    slots.beginWrite(slot);
    memory.zero(slots.at(slot) + FUNDED_HEIGHT, ENTRY_BYTES - FUNDED_HEIGHT);
    slots.free(slot);
    slots.endWrite(slot);
  }

  /** Everything of an entry but its stamp, for a snapshot. */
  void copyEntry(int slot, byte[] target, int offset) {
    memory.copyTo(
        slots.at(slot) + FUNDED_HEIGHT, target, offset, CORE + CORE_LENGTH - FUNDED_HEIGHT);
  }

  /** Puts back what copyEntry copied; the caller checks the whole by its digest. */
  void restoreEntry(int slot, byte[] source, int offset) {
    if (isLive(slot)) {
      throw broken(slot, "is in the snapshot twice");
    }
    slots.beginWrite(slot);
    memory.copyFrom(
        slots.at(slot) + FUNDED_HEIGHT, source, offset, CORE + CORE_LENGTH - FUNDED_HEIGHT);
    slots.endWrite(slot);
    bound(slot);
    termsComponent(slot).add();
    chainComponent(slot).add();
    if (grantPosition(slot) != 0) {
      grantComponent(slot).add();
    }
    if (doubleSpendPosition(slot) != 0) {
      doubleSpendComponent(slot).add();
    }
  }

  private void subtractAll(int slot) {
    termsComponent(slot).subtract();
    chainComponent(slot).subtract();
    if (grantPosition(slot) != 0) {
      grantComponent(slot).subtract();
    }
    if (doubleSpendPosition(slot) != 0) {
      doubleSpendComponent(slot).subtract();
    }
  }

  // An escrow's registration position names it among all that ever were; the slot is part of the
  // state because it decides when the escrow is looked at for retirement.

  private StateDigest termsComponent(int slot) {
    return digest
        .component(TERMS_TAG)
        .with(registrationPosition(slot))
        .with((long) slot << 32 | deposit(slot) + 1)
        .with(memory, slots.at(slot) + CORE, CORE_LENGTH);
  }

  private StateDigest chainComponent(int slot) {
    return digest
        .component(CHAIN_TAG)
        .with(registrationPosition(slot))
        .with((long) fundedHeight(slot) << 32 | spentHeight(slot));
  }

  private StateDigest grantComponent(int slot) {
    return digest
        .component(GRANT_TAG)
        .with(registrationPosition(slot))
        .with(grantPosition(slot))
        .with(memory, slots.at(slot) + CLAIM_ID, CLAIM_ID_LENGTH);
  }

  private StateDigest doubleSpendComponent(int slot) {
    return digest
        .component(DOUBLE_SPEND_TAG)
        .with(registrationPosition(slot))
        .with(doubleSpendPosition(slot));
  }

  private IllegalStateException broken(int slot, String what) {
    return new IllegalStateException(
        ("escrow in slot %d %s: registered at %d, granted at %d, double-spend at %d, funded at"
                + " height %d, spent at height %d")
            .formatted(
                slot,
                what,
                registrationPosition(slot),
                grantPosition(slot),
                doubleSpendPosition(slot),
                fundedHeight(slot),
                spentHeight(slot)));
  }
}
