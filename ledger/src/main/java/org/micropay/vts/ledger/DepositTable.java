package org.micropay.vts.ledger;

import java.lang.foreign.Arena;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.PublicKey;

/**
 * The penalty deposits, one slot each, in native memory; one deposit may stand behind many escrows
 * of one buyer and leaves with the last of them.
 *
 * <pre>
 *  0        4              8             12           16                     24
 *  | stamp  | fundedHeight | spentHeight | references | registrationPosition |
 *  24                                    144         177
 *  | deposit as registered first, 120    | buyerKey  | 0 x 7 |    184 bytes in all
 * </pre>
 *
 * <p>Written only by the methods below, which keep the state digest in step. One thread writes;
 * readers follow {@link SlotTable}.
 */
final class DepositTable {
  static final int ENTRY_BYTES = 184;

  /** Outpoint, value, refund height and burn fee: what makes two deposits the same. */
  static final int IDENTITY_LENGTH = 56;

  static final int FUNDED_HEIGHT = 4;
  static final int SPENT_HEIGHT = 8;
  static final int REFERENCES = 12;
  static final int REGISTRATION_POSITION = 16;
  static final int DEPOSIT = 24;
  static final int BUYER_KEY = DEPOSIT + Deposit.LENGTH;
  static final int END = BUYER_KEY + PublicKey.LENGTH;

  private static final long DEPOSIT_TAG = 5;
  private static final long CHAIN_TAG = 6;

  private final SlotTable slots;
  private final OffHeap memory;
  private final StateDigest digest;

  DepositTable(Arena arena, int capacity, StateDigest digest) {
    slots = new SlotTable(arena, capacity, ENTRY_BYTES);
    memory = slots.memory();
    this.digest = digest;
  }

  SlotTable slots() {
    return slots;
  }

  boolean isLive(int slot) {
    return references(slot) != 0;
  }

  int fundedHeight(int slot) {
    return memory.getInt(slots.at(slot) + FUNDED_HEIGHT);
  }

  int spentHeight(int slot) {
    return memory.getInt(slots.at(slot) + SPENT_HEIGHT);
  }

  int references(int slot) {
    return memory.getInt(slots.at(slot) + REFERENCES);
  }

  private long registrationPosition(int slot) {
    return memory.getLong(slots.at(slot) + REGISTRATION_POSITION);
  }

  boolean hasOutpoint(int slot, byte[] source, int offset) {
    return isLive(slot) && equal(slot, DEPOSIT, source, offset, EscrowTable.KEY_LENGTH);
  }

  /** Whether the slot's deposit is the same but for its signature, and of the same buyer. */
  boolean hasIdentity(int slot, byte[] deposit, int offset, byte[] buyerKey, int keyOffset) {
    return isLive(slot)
        && equal(slot, DEPOSIT, deposit, offset, IDENTITY_LENGTH)
        && equal(slot, BUYER_KEY, buyerKey, keyOffset, PublicKey.LENGTH);
  }

  private boolean equal(int slot, int field, byte[] source, int offset, int length) {
    long at = slots.at(slot) + field;
    for (int i = 0; i < length; i++) {
      if (memory.getByte(at + i) != source[offset + i]) {
        return false;
      }
    }
    return true;
  }

  void copyOutpoint(int slot, byte[] target, int offset) {
    memory.copyTo(slots.at(slot) + DEPOSIT, target, offset, EscrowTable.KEY_LENGTH);
  }

  void copyDeposit(int slot, byte[] target, int offset) {
    memory.copyTo(slots.at(slot) + DEPOSIT, target, offset, Deposit.LENGTH);
  }

  /** Puts a new deposit, with one escrow behind which it stands, into an allocated slot. */
  void writeRegistration(
      int slot,
      long position,
      byte[] deposit,
      int depositOffset,
      byte[] buyerKey,
      int keyOffset,
      int fundedHeight) {
    if (isLive(slot) || position <= 0 || fundedHeight <= 0) {
      throw broken(slot, "cannot register at " + position + " funded at " + fundedHeight);
    }
    long at = slots.at(slot);
    slots.beginWrite(slot);
    memory.putInt(at + FUNDED_HEIGHT, fundedHeight);
    memory.putInt(at + SPENT_HEIGHT, 0);
    memory.putInt(at + REFERENCES, 1);
    memory.putLong(at + REGISTRATION_POSITION, position);
    memory.copyFrom(at + DEPOSIT, deposit, depositOffset, Deposit.LENGTH);
    memory.copyFrom(at + BUYER_KEY, buyerKey, keyOffset, PublicKey.LENGTH);
    slots.endWrite(slot);
    depositComponent(slot).add();
    chainComponent(slot).add();
  }

  void addReference(int slot) {
    writeChain(slot, fundedHeight(slot), spentHeight(slot), Math.addExact(references(slot), 1));
  }

  /** Takes one escrow away; with the last one the slot is emptied and freed. */
  boolean dropReference(int slot) {
    if (references(slot) > 1) {
      writeChain(slot, fundedHeight(slot), spentHeight(slot), references(slot) - 1);
      return false;
    }
    if (references(slot) != 1) {
      throw broken(slot, "has no escrow to drop");
    }
    depositComponent(slot).subtract();
    chainComponent(slot).subtract();
    slots.beginWrite(slot);
    memory.zero(slots.at(slot) + FUNDED_HEIGHT, ENTRY_BYTES - FUNDED_HEIGHT);
    slots.free(slot);
    slots.endWrite(slot);
    return true;
  }

  void writeChain(int slot, int fundedHeight, int spentHeight) {
    writeChain(slot, fundedHeight, spentHeight, references(slot));
  }

  private void writeChain(int slot, int fundedHeight, int spentHeight, int references) {
    if (!isLive(slot) || fundedHeight < 0 || spentHeight < 0) {
      throw broken(slot, "cannot be funded at " + fundedHeight + " and spent at " + spentHeight);
    }
    chainComponent(slot).subtract();
    long at = slots.at(slot);
    slots.beginWrite(slot);
    memory.putInt(at + FUNDED_HEIGHT, fundedHeight);
    memory.putInt(at + SPENT_HEIGHT, spentHeight);
    memory.putInt(at + REFERENCES, references);
    slots.endWrite(slot);
    chainComponent(slot).add();
  }

  /** Everything of an entry but its stamp, for a snapshot. */
  void copyEntry(int slot, byte[] target, int offset) {
    memory.copyTo(slots.at(slot) + FUNDED_HEIGHT, target, offset, END - FUNDED_HEIGHT);
  }

  /** Puts back what copyEntry copied; the caller checks the whole by its digest. */
  void restoreEntry(int slot, byte[] source, int offset) {
    if (isLive(slot)) {
      throw broken(slot, "is in the snapshot twice");
    }
    slots.beginWrite(slot);
    memory.copyFrom(slots.at(slot) + FUNDED_HEIGHT, source, offset, END - FUNDED_HEIGHT);
    slots.endWrite(slot);
    depositComponent(slot).add();
    chainComponent(slot).add();
  }

  private StateDigest depositComponent(int slot) {
    return digest
        .component(DEPOSIT_TAG)
        .with(registrationPosition(slot))
        .with(slot)
        .with(memory, slots.at(slot) + DEPOSIT, END - DEPOSIT);
  }

  private StateDigest chainComponent(int slot) {
    return digest
        .component(CHAIN_TAG)
        .with(registrationPosition(slot))
        .with((long) fundedHeight(slot) << 32 | spentHeight(slot))
        .with(references(slot));
  }

  private IllegalStateException broken(int slot, String what) {
    return new IllegalStateException(
        "deposit in slot %d %s: registered at %d, funded at height %d, spent at %d, %d escrows"
            .formatted(
                slot,
                what,
                registrationPosition(slot),
                fundedHeight(slot),
                spentHeight(slot),
                references(slot)));
  }
}
