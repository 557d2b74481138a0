package org.micropay.vts.appliance.server;

import java.util.AbstractCollection;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.settlement.WatchedOutput;
import org.micropay.vts.ticket.Outpoint;

/**
 * What the ledger follows on the chain, copied when recovery ends: 44 bytes an output, objects only
 * while it is gone through. Immutable; any thread.
 */
final class FollowedOutputs extends AbstractCollection<WatchedOutput> {
  private static final int PART = 1 << 16;

  private byte[][] outpoints = new byte[16][];
  private int[][] heights = new int[16][];
  private int size;

  private FollowedOutputs() {}

  /** The ledger's thread. */
  static FollowedOutputs of(Ledger ledger) {
    FollowedOutputs outputs = new FollowedOutputs();
    ledger.forEachOutput(outputs::add);
    return outputs;
  }

  private void add(byte[] outpoint, int funded, int spent) {
    int part = size / PART;
    int place = size % PART;
    if (place == 0) {
      if (part == outpoints.length) {
        outpoints = Arrays.copyOf(outpoints, 2 * part);
        heights = Arrays.copyOf(heights, 2 * part);
      }
      outpoints[part] = new byte[PART * Outpoint.LENGTH];
      heights[part] = new int[2 * PART];
    }
    System.arraycopy(outpoint, 0, outpoints[part], place * Outpoint.LENGTH, Outpoint.LENGTH);
    heights[part][2 * place] = funded;
    heights[part][2 * place + 1] = spent;
    size++;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Iterator<WatchedOutput> iterator() {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < size;
      }

      @Override
      public WatchedOutput next() {
        if (next == size) {
          throw new NoSuchElementException();
        }
        int part = next / PART;
        int place = next % PART;
        next++;
        int from = place * Outpoint.LENGTH;
        return new WatchedOutput(
            Outpoint.decode(Arrays.copyOfRange(outpoints[part], from, from + Outpoint.LENGTH)),
            heights[part][2 * place],
            heights[part][2 * place + 1]);
      }
    };
  }
}
