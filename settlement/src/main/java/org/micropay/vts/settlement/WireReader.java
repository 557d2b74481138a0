package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.BlockHeader;
import fr.acinq.bitcoin.Protocol;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import fr.acinq.bitcoin.io.ByteArrayInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads blocks and transactions in time proportional to their size. The library's own reader makes
 * and hashes a transaction anew for each input's witness, so that a block of large transactions,
 * which anybody can have mined, would hold the chain thread for a minute. Pure functions.
 *
 * <pre>
 *  header 80 | count | count x transaction (BIP 144):
 *    version u32 | [00 01] | inputs | outputs | [a witness for each input] | lock time u32
 * </pre>
 */
final class WireReader {
  private static final int HEADER = 80;

  private WireReader() {}

  /**
   * Reads a block.
   *
   * @throws IllegalArgumentException when the bytes are not exactly one
   */
  static Block block(byte[] raw) {
    try {
      BlockHeader header = BlockHeader.read(Arrays.copyOf(raw, HEADER));
      ByteArrayInput in = new ByteArrayInput(Arrays.copyOfRange(raw, HEADER, raw.length));
      int count = count(in);
      List<Transaction> transactions = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        transactions.add(transaction(in));
      }
      requireEnd(in);
      return new Block(header, transactions);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          raw.length + " bytes are not a block: " + e.getMessage(), e);
    }
  }

  /**
   * Reads a transaction.
   *
   * @throws IllegalArgumentException when the bytes are not one, or more follow
   */
  static Transaction transaction(byte[] raw) {
    try {
      ByteArrayInput in = new ByteArrayInput(raw);
      Transaction tx = transaction(in);
      requireEnd(in);
      return tx;
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          raw.length + " bytes are not a transaction: " + e.getMessage(), e);
    }
  }

  private static void requireEnd(ByteArrayInput in) {
    if (in.getAvailableBytes() != 0) {
      throw new IllegalArgumentException(in.getAvailableBytes() + " bytes too many");
    }
  }

  private static Transaction transaction(ByteArrayInput in) {
    long version = number(in, Integer.BYTES);
    int inputs = count(in);
    boolean segwit = inputs == 0;
    if (segwit) {
      if (in.read() != 1) {
        throw new IllegalArgumentException("a transaction has an unknown flag");
      }
      inputs = count(in);
    }
    List<TxIn> txIn = new ArrayList<>();
    for (int i = 0; i < inputs; i++) {
      txIn.add(TxIn.read(in, Protocol.PROTOCOL_VERSION));
    }
    int outputs = count(in);
    List<TxOut> txOut = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      txOut.add(TxOut.read(in, Protocol.PROTOCOL_VERSION));
    }
    if (segwit) {
      txIn.replaceAll(one -> one.updateWitness(ScriptWitness.read(in, Protocol.PROTOCOL_VERSION)));
    }
    return new Transaction(version, txIn, txOut, number(in, Integer.BYTES));
  }

  /** A variable-length count; of what takes at least one byte each. */
  private static int count(ByteArrayInput in) {
    int first = (int) number(in, 1);
    long count =
        switch (first) {
          case 0xFD -> number(in, Short.BYTES);
          case 0xFE -> number(in, Integer.BYTES);
          case 0xFF -> number(in, Long.BYTES);
          default -> first;
        };
    if (count < 0 || count > in.getAvailableBytes()) {
      throw new IllegalArgumentException("a count of " + count + " is beyond the end");
    }
    return (int) count;
  }

  /** Unsigned, little-endian. */
  private static long number(ByteArrayInput in, int bytes) {
    if (in.getAvailableBytes() < bytes) {
      throw new IllegalArgumentException("it ends too early");
    }
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) in.read() << (8 * i);
    }
    return value;
  }
}
