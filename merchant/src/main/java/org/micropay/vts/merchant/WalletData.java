package org.micropay.vts.merchant;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.micropay.vts.ticket.Bytes32;

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
 * @param commitments base64url of those paid under lately, oldest first; absent in older files
 */
record WalletData(
    int version,
    String network,
    String vts,
    String vtsKey,
    long nextIndex,
    List<WalletEscrow> escrows,
    List<Spent> spending,
    List<String> commitments) {
  static final int VERSION = 1;

  /** Commitments that are remembered. */
  static final int COMMITMENTS = 256;

  /** An older file remembers none. */
  WalletData {
    commitments = commitments == null ? List.of() : List.copyOf(commitments);
  }

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
    return new WalletData(
        version, network, vts, vtsKey, nextIndex, List.copyOf(other), spending, commitments);
  }

  WalletData withSpending(List<Spent> other) {
    return new WalletData(
        version, network, vts, vtsKey, nextIndex, escrows, List.copyOf(other), commitments);
  }

  WalletData withNextIndex(long next) {
    return new WalletData(version, network, vts, vtsKey, next, escrows, spending, commitments);
  }

  /** Whether a ticket was signed under this commitment lately. */
  boolean hasPaidUnder(Bytes32 commitment) {
    return commitments.contains(text(commitment));
  }

  /** The same with one more commitment; the oldest is forgotten for it. */
  WalletData withCommitment(Bytes32 commitment) {
    List<String> more = new ArrayList<>(commitments);
    more.add(text(commitment));
    return new WalletData(
        version,
        network,
        vts,
        vtsKey,
        nextIndex,
        escrows,
        spending,
        more.subList(Math.max(0, more.size() - COMMITMENTS), more.size()));
  }

  private static String text(Bytes32 commitment) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(commitment.toArray());
  }
}
