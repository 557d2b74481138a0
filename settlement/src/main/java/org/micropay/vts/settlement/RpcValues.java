package org.micropay.vts.settlement;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.micropay.vts.ticket.Bytes32;

/** How the node's RPC writes hashes and amounts, and says that there is none. Pure functions. */
final class RpcValues {
  static final int SATOSHI_DECIMALS = 8;

  private RpcValues() {}

  /** A call whose answer may be that there is none. */
  interface Attempt<T> {
    Optional<T> run();
  }

  /** Turns the one error that means "there is none" into an empty answer. */
  static <T> Optional<T> orEmpty(int errorCode, Attempt<T> attempt) {
    try {
      return attempt.run();
    } catch (RpcException e) {
      if (e.code() == errorCode) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** A hash, which the node prints in the reverse order of its bytes. */
  static Bytes32 hash(JsonNode node) {
    return Bytes32.fromReversedHex(node.asText());
  }

  /** Satoshi of an amount that the node gives in bitcoin. */
  static long satoshi(JsonNode bitcoin) {
    return bitcoin.decimalValue().movePointRight(SATOSHI_DECIMALS).longValueExact();
  }
}
