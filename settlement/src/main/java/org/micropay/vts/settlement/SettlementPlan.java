package org.micropay.vts.settlement;

import java.util.List;
import java.util.Map;

/**
 * What settlement would send now, in which order and at which fee. A plan promises nothing: the
 * next claim or block changes it.
 *
 * @param tipHeight the block as of which it holds
 * @param paused whether the operator has paused settlement, so that nothing of it happens
 * @param estimateSatPerVbyte what the node estimates; 0 while it has no estimate
 * @param overrideSatPerVbyte what the operator has set instead; 0 when he has not
 * @param waiting claims that wait for a batch, held ones included
 * @param batches in the order in which they would go out
 * @param inFlight batches that are not confirmed yet
 * @param held claims that are kept out of batches, by position, with the reason
 * @param walletCoins confirmed coins of the fee wallet that no batch counts on
 * @param walletBalance satoshi of those
 */
public record SettlementPlan(
    int tipHeight,
    boolean paused,
    double estimateSatPerVbyte,
    double overrideSatPerVbyte,
    int waiting,
    List<PlannedBatch> batches,
    List<InFlight> inFlight,
    Map<Long, String> held,
    int walletCoins,
    long walletBalance) {

  /**
   * One batch that would be sent.
   *
   * @param order 1 for the next
   * @param due why now; "waits" with the reason when not
   * @param claims journal positions of its grants, in the order of its inputs
   * @param deadline lowest refund height among them
   * @param vsize virtual bytes, at most
   * @param satPerVbyte fee rate
   * @param fee satoshi to the miner
   * @param allowances satoshi of it that the escrows themselves hold above their payouts
   * @param fromWallet satoshi of it that the fee wallet adds; negative when it gains
   * @param payable whether the wallet's free coins suffice
   */
  public record PlannedBatch(
      int order,
      String due,
      List<Long> claims,
      int deadline,
      int vsize,
      double satPerVbyte,
      long fee,
      long allowances,
      long fromWallet,
      boolean payable) {}

  /**
   * A batch on its way.
   *
   * @param number of the batch
   * @param txid of its newest transaction, as explorers show it
   * @param attempts transactions made for it so far
   * @param claims in it
   * @param vsize virtual bytes
   * @param fee satoshi to the miner
   * @param satPerVbyte its rate
   * @param deadline lowest refund height among its claims
   * @param bumpHeight from this tip on its fee is raised
   */
  public record InFlight(
      int number,
      String txid,
      int attempts,
      int claims,
      int vsize,
      long fee,
      double satPerVbyte,
      int deadline,
      int bumpHeight) {}
}
