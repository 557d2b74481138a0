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
   * What a funding transaction in the mempool makes.
   *
   * @param outpoints {@code txid:vout} as explorers show them, in the order of the request
   */
  record Funded(List<String> outpoints) {}

  /** Body of POST /v1/dev/mine. */
  record MineRequest(int blocks) {}

  /**
   * The tip after mining.
   *
   * @param height of it
   * @param hash as explorers show it
   */
  record Mined(int height, String hash) {}

  /**
   * One whole block.
   *
   * @param height of it
   * @param hash as explorers show it
   * @param raw hex of its serialization with witnesses (BIP 144)
   */
  record Block(int height, String hash, String raw) {}

  /** Pays all outputs with one transaction. */
  Funded fund(FundRequest request);

  /** Mines blocks with everything in the mempool. */
  Mined mine(MineRequest request);

  /** The best chain's block at a height. */
  Block block(int height);
}
