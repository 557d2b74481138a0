package org.micropay.vts.appliance.http;

import java.util.List;

/**
 * Handles of the embedded regtest chain that only a private test network can offer: coins out of
 * nothing and blocks on demand. Any thread; may wait for the disk.
 */
public interface DevChainApi {
  /**
   * One output to fund.
   *
   * @param script hex of the scriptPubKey
   * @param value satoshi
   */
  record Output(String script, long value) {}

  /** Body of POST /v1/dev/fund. */
  record FundRequest(List<Output> outputs) {}

  /**
   * A funding transaction that is in the mempool.
   *
   * @param txid as explorers show it
   * @param vouts where each requested output is, in the order of the request
   */
  record Funded(String txid, List<Integer> vouts) {}

  /** Body of POST /v1/dev/mine. */
  record MineRequest(int blocks) {}

  /**
   * The tip after mining.
   *
   * @param height of it
   * @param hash as explorers show it
   */
  record Mined(int height, String hash) {}

  /** Pays the outputs with one or more transactions. */
  List<Funded> fund(FundRequest request);

  /** Mines blocks with everything in the mempool. */
  Mined mine(MineRequest request);

  /** An output that is unspent, as {@code gettxout} tells it; null when it is not. */
  Long unspentValue(String txid, int vout);
}
