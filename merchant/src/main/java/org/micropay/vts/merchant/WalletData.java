package org.micropay.vts.merchant;

import java.util.List;

/**
 * What a wallet's file holds: everything but the seed.
 *
 * @param version 1
 * @param network id of the chain
 * @param vts base URL of the VTS
 * @param vtsKey hex
 * @param nextIndex number of the next derived key
 * @param escrows all of them, by index
 * @param spending what was paid, one line a site and day
 */
record WalletData(
    int version,
    String network,
    String vts,
    String vtsKey,
    long nextIndex,
    List<WalletEscrow> escrows,
    List<Spent> spending) {
  static final int VERSION = 1;

  /**
   * Payments to one site in one day.
   *
   * @param day ISO date in UTC
   * @param site host and port
   * @param msat sum of the tickets' expected values
   * @param tickets their number
   */
  record Spent(String day, String site, long msat, long tickets) {}

  WalletData with(List<WalletEscrow> other) {
    return new WalletData(version, network, vts, vtsKey, nextIndex, List.copyOf(other), spending);
  }

  WalletData withSpending(List<Spent> other) {
    return new WalletData(version, network, vts, vtsKey, nextIndex, escrows, List.copyOf(other));
  }

  WalletData withNextIndex(long next) {
    return new WalletData(version, network, vts, vtsKey, next, escrows, spending);
  }
}
