package org.micropay.vts.ticket;

import java.util.Optional;

/**
 * The public Bitcoin networks and the local test network, by the P2P magic that their messages
 * begin with.
 */
public enum Network {
  /** Coins of worth. */
  MAINNET("mainnet", 0xD9B4BEF9, "bc", 0x00, 0x05),
  /** The third public test network. */
  TESTNET3("testnet3", 0x0709110B, "tb", 0x6F, 0xC4),
  /** The fourth public test network (BIP 94). */
  TESTNET4("testnet4", 0x283F161C, "tb", 0x6F, 0xC4),
  /** The default signet (BIP 325). */
  SIGNET("signet", 0x40CF030A, "tb", 0x6F, 0xC4),
  /** A private chain for tests. */
  REGTEST("regtest", 0xDAB5BFFA, "bcrt", 0x6F, 0xC4);

  private final String id;
  private final int magic;
  private final String humanReadablePart;
  private final int p2pkhVersion;
  private final int p2shVersion;

  Network(String id, int magic, String humanReadablePart, int p2pkhVersion, int p2shVersion) {
    this.id = id;
    this.magic = magic;
    this.humanReadablePart = humanReadablePart;
    this.p2pkhVersion = p2pkhVersion;
    this.p2shVersion = p2shVersion;
  }

  /** Lower-case name, as configuration files have it. */
  public String id() {
    return id;
  }

  /** The magic's four bytes read little-endian: regtest's fa bf b5 da is 0xDAB5BFFA. */
  public int magic() {
    return magic;
  }

  /** What bech32 addresses begin with (BIP 173). */
  public String humanReadablePart() {
    return humanReadablePart;
  }

  /** First byte of a base58 P2PKH address. */
  int p2pkhVersion() {
    return p2pkhVersion;
  }

  /** First byte of a base58 P2SH address. */
  int p2shVersion() {
    return p2shVersion;
  }

  /** The network with this magic, if it is one of these. */
  public static Optional<Network> ofMagic(int magic) {
    for (Network network : values()) {
      if (network.magic == magic) {
        return Optional.of(network);
      }
    }
    return Optional.empty();
  }

  /**
   * The network with this {@link #id()}.
   *
   * @throws ProtocolException WRONG_NETWORK when there is none
   */
  public static Network ofId(String id) {
    for (Network network : values()) {
      if (network.id.equals(id)) {
        return network;
      }
    }
    throw new ProtocolException(
        AnswerCode.WRONG_NETWORK,
        "unknown network '" + id + "'; use mainnet, testnet3, testnet4, signet or regtest");
  }
}
