package org.micropay.vts.settlement;

import java.util.Arrays;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * The watched outputs with the heights at which they were made and spent: open addressing over
 * parallel arrays, 44 bytes an entry at 60% load or less. Heights are all the undo data that a
 * reorganization needs: an output is made and spent at most once in one chain.
 *
 * <p>Not thread-safe; the chain thread owns it. Entries are never removed singly, see {@link
 * #prune}.
 */
final class WatchTable {
  /** No such output. */
  static final int NONE = -1;

  private static final int KEY_WORDS = 4;
  private static final int MIN_CAPACITY = 1 << 10;
  private static final double MAX_LOAD = 0.6;

  private long[] txids = new long[KEY_WORDS * MIN_CAPACITY];
  private int[] vouts = new int[MIN_CAPACITY];
  // The height plus one; 0 marks a free slot.
  private int[] funded = new int[MIN_CAPACITY];
  private int[] spent = new int[MIN_CAPACITY];
  private int size;
  private final byte[] bytes = new byte[Bytes32.LENGTH];
  private final long[] key = new long[KEY_WORDS];

  int size() {
    return size;
  }

  /** Bytes of the arrays, free slots included. */
  long memoryBytes() {
    return (long) vouts.length * (KEY_WORDS * Long.BYTES + 3 * Integer.BYTES);
  }

  /** Adds an output, or finds it; heights are 0 for "not". */
  int add(Outpoint outpoint, int fundedHeight, int spentHeight) {
    if (size + 1 > vouts.length * MAX_LOAD) {
      grow();
    }
    loadKey(outpoint.txid());
    int slot = probe(outpoint.vout());
    if (funded[slot] == 0) {
      System.arraycopy(key, 0, txids, KEY_WORDS * slot, KEY_WORDS);
      vouts[slot] = outpoint.vout();
      size++;
      funded[slot] = fundedHeight + 1;
      spent[slot] = spentHeight;
    }
    return slot;
  }

  /** Slot of the output, or {@link #NONE}. */
  int find(Bytes32 txid, int vout) {
    loadKey(txid);
    int slot = probe(vout);
    return funded[slot] == 0 ? NONE : slot;
  }

  int find(Outpoint outpoint) {
    return find(outpoint.txid(), outpoint.vout());
  }

  int fundedHeight(int slot) {
    return funded[slot] - 1;
  }

  int spentHeight(int slot) {
    return spent[slot];
  }

  void setFundedHeight(int slot, int height) {
    funded[slot] = height + 1;
  }

  void setSpentHeight(int slot, int height) {
    spent[slot] = height;
  }

  Outpoint outpoint(int slot) {
    for (int word = 0; word < KEY_WORDS; word++) {
      for (int i = 0; i < 8; i++) {
        bytes[8 * word + i] = (byte) (txids[KEY_WORDS * slot + word] >>> (8 * i));
      }
    }
    return new Outpoint(Bytes32.of(bytes), vouts[slot]);
  }

  /** Receives slots. */
  @FunctionalInterface
  interface SlotConsumer {
    void accept(int slot);
  }

  /** All outputs spent at {@code height} or above. */
  void forEachSpentFrom(int height, SlotConsumer consumer) {
    for (int slot = 0; slot < vouts.length; slot++) {
      if (funded[slot] != 0 && spent[slot] >= height) {
        consumer.accept(slot);
      }
    }
  }

  /** All outputs made at {@code height} or above. */
  void forEachFundedFrom(int height, SlotConsumer consumer) {
    for (int slot = 0; slot < vouts.length; slot++) {
      if (funded[slot] > height) {
        consumer.accept(slot);
      }
    }
  }

  /** Forgets outputs that were spent below {@code height}. */
  void prune(int height) {
    WatchTable kept = new WatchTable();
    for (int slot = 0; slot < vouts.length; slot++) {
      if (funded[slot] != 0 && (spent[slot] == 0 || spent[slot] >= height)) {
        kept.add(outpoint(slot), fundedHeight(slot), spent[slot]);
      }
    }
    adopt(kept);
  }

  private void grow() {
    WatchTable larger = new WatchTable();
    larger.txids = new long[2 * txids.length];
    larger.vouts = new int[2 * vouts.length];
    larger.funded = new int[2 * vouts.length];
    larger.spent = new int[2 * vouts.length];
    for (int slot = 0; slot < vouts.length; slot++) {
      if (funded[slot] != 0) {
        larger.add(outpoint(slot), fundedHeight(slot), spent[slot]);
      }
    }
    adopt(larger);
  }

  private void adopt(WatchTable other) {
    txids = other.txids;
    vouts = other.vouts;
    funded = other.funded;
    spent = other.spent;
    size = other.size;
  }

  private void loadKey(Bytes32 txid) {
    txid.copyTo(bytes, 0);
    for (int word = 0; word < KEY_WORDS; word++) {
      long value = 0;
      for (int i = 7; i >= 0; i--) {
        value = value << 8 | bytes[8 * word + i] & 0xFF;
      }
      key[word] = value;
    }
  }

  /** The slot that holds the loaded key with {@code vout}, or the free one where it belongs. */
  private int probe(int vout) {
    int mask = vouts.length - 1;
    // A txid is a hash: any of its words is random already, unless somebody ground it; the vout is
    // spread so that the outputs of one transaction do not form a cluster.
    int slot = (int) (key[0] ^ key[2] ^ vout * 0x9E37_79B9_7F4A_7C15L >>> 24) & mask;
    while (funded[slot] != 0
        && !(vouts[slot] == vout
            && Arrays.equals(
                txids, KEY_WORDS * slot, KEY_WORDS * slot + KEY_WORDS, key, 0, KEY_WORDS))) {
      slot = slot + 1 & mask;
    }
    return slot;
  }
}
