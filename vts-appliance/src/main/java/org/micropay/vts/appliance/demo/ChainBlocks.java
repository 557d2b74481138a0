package org.micropay.vts.appliance.demo;

import java.util.ArrayList;
import java.util.List;
import org.micropay.vts.settlement.Chain;

/** Reads a whole chain through the port. */
final class ChainBlocks {
  private ChainBlocks() {}

  /** Blocks 1 to the tip. */
  static List<byte[]> all(Chain chain) {
    int tip = chain.tip().height();
    List<byte[]> blocks = new ArrayList<>(tip);
    for (int height = 1; height <= tip; height++) {
      int at = height;
      blocks.add(
          chain
              .hashAt(height)
              .flatMap(chain::block)
              .orElseThrow(() -> new DemoException("the chain does not show its block " + at))
              .raw());
    }
    return blocks;
  }
}
