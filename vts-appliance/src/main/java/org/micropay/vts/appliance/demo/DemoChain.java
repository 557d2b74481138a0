package org.micropay.vts.appliance.demo;

import java.util.List;
import org.micropay.vts.settlement.Payment;
import org.micropay.vts.ticket.Outpoint;

/** The demo's hand on a regtest chain: coins, blocks, and all blocks at the end. */
interface DemoChain extends AutoCloseable {
  /** Body of the {@code [chain]} section for the server. */
  String configuration();

  /** What the chain is, for people. */
  String name();

  /**
   * Puts transactions into the mempool that make these outputs.
   *
   * @return one outpoint for each payment, in order
   */
  List<Outpoint> fund(List<Payment> payments);

  /**
   * Mines blocks with everything in the mempool.
   *
   * @return the new tip's height
   */
  int mine(int blocks);

  /** Every block of the best chain from height 1 on (BIP 144), read when the server has ended. */
  List<byte[]> blocks();

  @Override
  void close();
}
