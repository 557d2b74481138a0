package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * Blocks of full weight for a measurement: right in form and size, with witnesses as long as real
 * ones and random inside. Pure but for the random numbers.
 */
final class BenchBlocks {
  private static final int BLOCK_WEIGHT = 3_996_000;
  private static final int COINBASE_WEIGHT = 4_000;
  private static final int BATCH = 75;

  /** Inputs of a transaction of 100,000 vB, the largest that nodes relay. */
  private static final int MOST_INPUTS = 1_450;

  private static final int SIGNATURE = 72;
  private static final int ESCROW_SCRIPT = 78;
  private static final int KEY = 33;

  private final Random random;
  private final BlockRef previous;

  /**
   * Blocks on top of one.
   *
   * @param previous their parent
   */
  BenchBlocks(Random random, BlockRef previous) {
    this.random = random;
    this.previous = previous;
  }

  /** A full block of payments with one input and two outputs, as wallets make them. */
  Block payments() {
    return full(
        i -> {
          byte[] txid = bytes(Bytes32.LENGTH);
          Outpoint coin = new Outpoint(Bytes32.of(txid), random.nextInt(3));
          return transaction(List.of(coin), 2, List.of(SIGNATURE, KEY));
        });
  }

  /** A full block of the largest transactions that nodes relay: many inputs to one output. */
  Block consolidations() {
    return full(
        i -> {
          List<Outpoint> coins = new ArrayList<>();
          for (int input = 0; input < MOST_INPUTS; input++) {
            coins.add(new Outpoint(Bytes32.of(bytes(Bytes32.LENGTH)), 0));
          }
          return transaction(coins, 1, List.of(SIGNATURE, KEY));
        });
  }

  /** A full block of batches, each releasing 75 of these escrows. */
  Block releases(List<Outpoint> escrows) {
    return full(
        i ->
            (i + 1) * BATCH > escrows.size()
                ? null
                : transaction(
                    escrows.subList(i * BATCH, (i + 1) * BATCH),
                    BATCH,
                    List.of(SIGNATURE, SIGNATURE, ESCROW_SCRIPT)));
  }

  /** Transactions until the block is full, or there is none. */
  private Block full(IntFunction<Transaction> maker) {
    List<Transaction> transactions = new ArrayList<>();
    int weight = COINBASE_WEIGHT;
    while (true) {
      Transaction next = maker.apply(transactions.size());
      if (next == null || weight + next.weight() > BLOCK_WEIGHT) {
        break;
      }
      weight += next.weight();
      transactions.add(next);
    }
    return BlockAssembler.assemble(
        new BlockAssembler.Template(
            previous, previous.timeSeconds() + 600, script(), 0, random.nextLong(), transactions));
  }

  private Transaction transaction(List<Outpoint> coins, int outputs, List<Integer> witness) {
    List<TxIn> in = new ArrayList<>();
    for (Outpoint coin : coins) {
      List<ByteVector> stack = new ArrayList<>();
      witness.forEach(length -> stack.add(new ByteVector(bytes(length))));
      in.add(
          new TxIn(
              Transactions.outPoint(coin),
              ByteVector.empty,
              Transactions.SEQUENCE_REPLACEABLE,
              new ScriptWitness(stack)));
    }
    List<TxOut> out = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      out.add(new TxOut(new Satoshi(100_000), script()));
    }
    return new Transaction(3, in, out, 0);
  }

  /** A P2WPKH output script of nobody's key. */
  private byte[] script() {
    byte[] script = new byte[22];
    System.arraycopy(bytes(20), 0, script, 2, 20);
    script[1] = 20;
    return script;
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
