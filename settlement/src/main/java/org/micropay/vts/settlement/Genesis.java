package org.micropay.vts.settlement;

import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;

/** The first block of each network: what a chain is, whatever it calls itself. */
final class Genesis {
  private Genesis() {}

  /** Hash of block 0, internal byte order; every signet has the same. */
  static Bytes32 hashOf(Network network) {
    return Bytes32.fromReversedHex(
        switch (network) {
          case MAINNET -> "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";
          case TESTNET3 -> "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943";
          case TESTNET4 -> "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043";
          case SIGNET -> "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6";
          case REGTEST -> "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206";
        });
  }
}
