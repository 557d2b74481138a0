package org.micropay.vts.ticket;

import java.util.Arrays;

/**
 * Addresses, the text form of the five supported output scripts on one network: base58 for P2PKH
 * and P2SH, bech32 (BIP 173) for P2WPKH and P2WSH, bech32m (BIP 350) for P2TR. Any thread.
 */
public final class Address {
  private static final int HASH_LENGTH = 20;

  private Address() {}

  /** The address of a script. */
  public static String encode(Network network, PayoutScript payoutScript) {
    byte[] script = payoutScript.toArray();
    return switch (payoutScript.type()) {
      case P2PKH -> Base58.encode(network.p2pkhVersion(), Arrays.copyOfRange(script, 3, 23));
      case P2SH -> Base58.encode(network.p2shVersion(), Arrays.copyOfRange(script, 2, 22));
      case P2WPKH, P2WSH -> segwit(network, 0, script);
      case P2TR -> segwit(network, 1, script);
    };
  }

  private static String segwit(Network network, int version, byte[] script) {
    byte[] program = Arrays.copyOfRange(script, 2, script.length);
    return Bech32.encode(network.humanReadablePart(), version, program);
  }

  /** The address that funds an escrow or a deposit. */
  public static String of(Network network, EscrowScript script) {
    return encode(network, script.scriptPubKey());
  }

  /**
   * The script of an address.
   *
   * @throws ProtocolException UNSUPPORTED_SCRIPT when the text is no address of the network, its
   *     checksum is wrong, or its script is none of the five
   */
  public static PayoutScript decode(Network network, String address) {
    byte[] script = Bech32.decode(network.humanReadablePart(), address);
    if (script == null) {
      script = legacyScript(network, Base58.decode(address));
    }
    if (script == null) {
      throw new ProtocolException(
          AnswerCode.UNSUPPORTED_SCRIPT,
          "not an address of "
              + network.id()
              + ": "
              + address.substring(0, Math.min(90, address.length())));
    }
    return PayoutScript.of(script);
  }

  private static byte[] legacyScript(Network network, byte[] payload) {
    if (payload == null) {
      return null;
    }
    int version = payload[0] & 0xFF;
    if (version == network.p2pkhVersion()) {
      return join("76a914", payload, "88ac");
    }
    return version == network.p2shVersion() ? join("a914", payload, "87") : null;
  }

  private static byte[] join(String head, byte[] payload, String tail) {
    byte[] before = Bytes.fromHex(head);
    byte[] after = Bytes.fromHex(tail);
    byte[] script = Arrays.copyOf(before, before.length + HASH_LENGTH + after.length);
    System.arraycopy(payload, 1, script, before.length, HASH_LENGTH);
    System.arraycopy(after, 0, script, before.length + HASH_LENGTH, after.length);
    return script;
  }
}
