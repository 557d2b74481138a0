package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.BlockHeader;
import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.ByteVector32;
import fr.acinq.bitcoin.Crypto;
import fr.acinq.bitcoin.MerkleTree;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.micropay.vts.ticket.Bytes32;

/**
 * Blocks and unspent outputs of the embedded chain, by regtest's consensus rules. A block that
 * breaks one is refused with {@link IllegalArgumentException} and changes nothing.
 *
 * <p>Not thread-safe: {@link EmbeddedChain}'s lock guards it.
 */
final class ChainState {
  /** Proof-of-work target of every regtest block, in compact form. */
  static final long BITS = 0x207F_FFFFL;

  private static final int MAX_BLOCK_WEIGHT = 4_000_000;
  private static final int HALVING_INTERVAL = 150;
  private static final long FIRST_SUBSIDY = 5_000_000_000L;
  private static final int MEDIAN_SPAN = 11;
  private static final byte[] COMMITMENT_HEAD = HexFormat.of().parseHex("6a24aa21a9ed");

  /** An unspent output and where it came from. */
  record Coin(TxOut out, int height, boolean coinbase) {}

  private record Spent(OutPoint outPoint, Coin coin) {}

  private final Map<Bytes32, ChainBlock> blocks = new HashMap<>();
  private final List<BlockRef> active = new ArrayList<>();
  private final List<List<Spent>> undo = new ArrayList<>();
  private final Map<OutPoint, Coin> coins = new HashMap<>();
  private final Map<Bytes32, BlockRef> blockOfTransaction = new HashMap<>();

  ChainState() {
    Block genesis = Block.RegtestGenesisBlock;
    BlockRef ref = new BlockRef(hash(genesis.header), 0, Bytes32.ZERO, genesis.header.time);
    blocks.put(ref.hash(), new ChainBlock(ref, Block.write(genesis)));
    active.add(ref);
    // The first block's coins can never be spent; no node has them among its outputs.
    undo.add(List.of());
  }

  BlockRef tip() {
    return active.getLast();
  }

  BlockRef at(int height) {
    return height >= 0 && height < active.size() ? active.get(height) : null;
  }

  ChainBlock block(Bytes32 hash) {
    return blocks.get(hash);
  }

  Coin coin(OutPoint outPoint) {
    return coins.get(outPoint);
  }

  Map<OutPoint, Coin> coins() {
    return coins;
  }

  /** The best chain's block that holds the transaction, or null. */
  BlockRef blockOf(Bytes32 txid) {
    return blockOfTransaction.get(txid);
  }

  /** Median time past of the block at {@code height}: BIP 113. */
  long medianTime(int height) {
    int first = Math.max(0, height - MEDIAN_SPAN + 1);
    long[] times = new long[height - first + 1];
    for (int i = 0; i < times.length; i++) {
      times[i] = active.get(first + i).timeSeconds();
    }
    Arrays.sort(times);
    return times[times.length / 2];
  }

  /** Satoshi that a block at {@code height} may make out of nothing. */
  static long subsidy(int height) {
    int halvings = height / HALVING_INTERVAL;
    return halvings >= 64 ? 0 : FIRST_SUBSIDY >> halvings;
  }

  /**
   * Connects a block to the tip.
   *
   * @param checkScripts false when the scripts of all its transactions were executed before
   * @return the block, parsed
   */
  Block connect(byte[] raw, boolean checkScripts) {
    Block block = WireReader.block(raw);
    BlockHeader header = block.header;
    int height = tip().height() + 1;
    BlockRef ref = new BlockRef(hash(header), height, previous(header), header.time);
    checkHeader(block, ref);
    checkCoinbase(block, height);
    List<Spent> spent = new ArrayList<>();
    try {
      apply(block, height, spent, checkScripts);
    } catch (RuntimeException e) {
      revert(block, spent);
      throw e;
    }
    for (Transaction tx : block.tx) {
      blockOfTransaction.put(Transactions.txid(tx), ref);
    }
    blocks.put(ref.hash(), new ChainBlock(ref, raw));
    active.add(ref);
    undo.add(spent);
    return block;
  }

  /** Takes the tip off and returns it, parsed. */
  Block disconnect() {
    require(active.size() > 1, "the first block cannot be taken off");
    BlockRef ref = active.removeLast();
    Block block = WireReader.block(blocks.get(ref.hash()).raw());
    revert(block, undo.removeLast());
    for (Transaction tx : block.tx) {
      blockOfTransaction.remove(Transactions.txid(tx));
    }
    return block;
  }

  private void checkHeader(Block block, BlockRef ref) {
    require(ref.previous().equals(tip().hash()), "block does not follow the tip");
    require(block.header.bits == BITS, "block has a wrong target");
    require(block.checkProofOfWork(), "block has no proof of work");
    require(ref.timeSeconds() > medianTime(tip().height()), "block is older than the median");
    require(!block.tx.isEmpty(), "block is empty");
    require(merkleRoot(block.tx).equals(block.header.hashMerkleRoot), "merkle root is wrong");
    int weight = 4 * 80 + block.tx.stream().mapToInt(tx -> tx.weight()).sum();
    require(weight <= MAX_BLOCK_WEIGHT, "block weighs " + weight);
    checkCommitment(block);
  }

  private static void checkCommitment(Block block) {
    Transaction coinbase = block.tx.getFirst();
    byte[] commitment = null;
    for (TxOut out : coinbase.txOut) {
      byte[] script = Transactions.script(out);
      if (script.length >= 38
          && Arrays.equals(script, 0, COMMITMENT_HEAD.length, COMMITMENT_HEAD, 0, 6)) {
        commitment = Arrays.copyOfRange(script, 6, 38);
      }
    }
    if (commitment == null) {
      boolean witness = block.tx.stream().anyMatch(Transaction::getHasWitness);
      require(!witness, "block has witnesses but no commitment to them");
      return;
    }
    List<ByteVector> reserved = coinbase.txIn.getFirst().witness.stack;
    require(
        reserved.size() == 1 && reserved.getFirst().size() == 32,
        "coinbase has no reserved value for the witness commitment");
    byte[] expected = witnessCommitment(block.tx, reserved.getFirst().toByteArray());
    require(Arrays.equals(commitment, expected), "witness commitment is wrong");
  }

  private static void checkCoinbase(Block block, int height) {
    Transaction coinbase = block.tx.getFirst();
    require(coinbase.isCoinbase(), "block does not begin with a coinbase");
    require(block.tx.stream().skip(1).noneMatch(tx -> tx.isCoinbase()), "block has two coinbases");
    byte[] prefix = BlockAssembler.heightPush(height);
    byte[] script = coinbase.txIn.getFirst().signatureScript.toByteArray();
    require(
        script.length >= prefix.length
            && script.length <= 100
            && Arrays.equals(script, 0, prefix.length, prefix, 0, prefix.length),
        "coinbase does not begin with height " + height);
  }

  private void apply(Block block, int height, List<Spent> spent, boolean checkScripts) {
    long medianTime = medianTime(height - 1);
    long fees = 0;
    for (Transaction tx : block.tx) {
      require(Finality.isFinal(tx, height, medianTime), "transaction is not final");
      Transaction.validate(tx);
      if (!tx.isCoinbase()) {
        fees = Math.addExact(fees, spend(tx, height, medianTime, spent, checkScripts));
      }
      for (int i = 0; i < tx.txOut.size(); i++) {
        TxOut out = tx.txOut.get(i);
        if (!isUnspendable(out)) {
          coins.put(new OutPoint(tx.hash, i), new Coin(out, height, tx.isCoinbase()));
        }
      }
    }
    long allowed = Math.addExact(subsidy(height), fees);
    require(Transactions.outputSum(block.tx.getFirst()) <= allowed, "coinbase takes too much");
  }

  /** Takes a transaction's coins and returns its fee. */
  private long spend(
      Transaction tx, int height, long medianTime, List<Spent> spent, boolean checkScripts) {
    Map<OutPoint, TxOut> inputs = new HashMap<>();
    long in = 0;
    for (TxIn input : tx.txIn) {
      Coin coin = coins.remove(input.outPoint);
      require(coin != null, "input " + input.outPoint + " is missing or spent");
      spent.add(new Spent(input.outPoint, coin));
      require(
          !coin.coinbase() || height - coin.height() >= Utxo.COINBASE_MATURITY,
          "coinbase output spent too early");
      require(
          Finality.sequenceReached(
              tx, input, coin.height(), coinMedianTime(coin), height, medianTime),
          "relative lock not reached");
      inputs.put(input.outPoint, coin.out());
      in = Math.addExact(in, Transactions.value(coin.out()));
    }
    long fee = in - Transactions.outputSum(tx);
    require(fee >= 0, "transaction makes " + -fee + " satoshi out of nothing");
    if (checkScripts) {
      Transactions.checkAll(tx, inputs)
          .ifPresent(reason -> require(false, "script fails: " + reason));
    }
    return fee;
  }

  /** Median time that BIP 68 counts a coin's age from. */
  long coinMedianTime(Coin coin) {
    return medianTime(Math.max(0, coin.height() - 1));
  }

  private void revert(Block block, List<Spent> spent) {
    for (Transaction tx : block.tx) {
      for (int i = 0; i < tx.txOut.size(); i++) {
        coins.remove(new OutPoint(tx.hash, i));
      }
    }
    for (Spent s : spent) {
      // A coin made and spent in the same block must not come back.
      if (s.coin().height() <= tip().height()) {
        coins.put(s.outPoint(), s.coin());
      }
    }
  }

  private static boolean isUnspendable(TxOut out) {
    return out.publicKeyScript.size() > 0 && out.publicKeyScript.get(0) == 0x6A;
  }

  /** Root of the tree over the transaction ids. */
  static ByteVector32 merkleRoot(List<Transaction> transactions) {
    return MerkleTree.computeRoot(transactions.stream().map(tx -> tx.hash.value).toList());
  }

  /**
   * BIP 141: hash of the witness tree's root and the reserved value.
   *
   * @param reserved 32 bytes, the coinbase's only witness item
   */
  static byte[] witnessCommitment(List<Transaction> transactions, byte[] reserved) {
    List<ByteVector32> leaves = new ArrayList<>();
    for (Transaction tx : transactions) {
      leaves.add(
          leaves.isEmpty()
              ? ByteVector32.Zeroes
              : new ByteVector32(Crypto.hash256(Transaction.write(tx))));
    }
    byte[] preimage = Arrays.copyOf(MerkleTree.computeRoot(leaves).toByteArray(), 64);
    System.arraycopy(reserved, 0, preimage, 32, 32);
    return Crypto.hash256(preimage);
  }

  /** The output script that carries the witness commitment. */
  static byte[] commitmentScript(byte[] commitment) {
    byte[] script = Arrays.copyOf(COMMITMENT_HEAD, 38);
    System.arraycopy(commitment, 0, script, 6, 32);
    return script;
  }

  static Bytes32 hash(BlockHeader header) {
    return Bytes32.of(header.hash.value.toByteArray());
  }

  static Bytes32 previous(BlockHeader header) {
    return Bytes32.of(header.hashPreviousBlock.value.toByteArray());
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new IllegalArgumentException(what);
    }
  }
}
