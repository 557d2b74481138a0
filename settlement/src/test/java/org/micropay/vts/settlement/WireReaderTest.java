package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxHash;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Our reader against the library's. */
class WireReaderTest {
  private static final long SEED = Long.getLong("vts.seed", new Random().nextLong());
  private static final BlockRef GENESIS =
      new BlockRef(
          ChainState.hash(Block.RegtestGenesisBlock.header),
          0,
          org.micropay.vts.ticket.Bytes32.ZERO,
          1_296_688_602L);

  private final Random random = new Random(SEED);

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private Transaction transaction() {
    List<TxIn> in = new ArrayList<>();
    boolean segwit = random.nextBoolean();
    // Counts around the borders of their encodings, the larger ones rarely.
    int inputs = random.nextInt(20) == 0 ? 252 + random.nextInt(4) : 1 + random.nextInt(4);
    for (int i = 0; i < inputs; i++) {
      List<ByteVector> stack = new ArrayList<>();
      for (int item = segwit ? random.nextInt(5) : 0; item > 0; item--) {
        stack.add(new ByteVector(bytes(random.nextInt(300))));
      }
      in.add(
          new TxIn(
              new OutPoint(new TxHash(bytes(32)), random.nextLong(1L << 32)),
              new ByteVector(bytes(random.nextInt(120))),
              random.nextLong(1L << 32),
              new ScriptWitness(stack)));
    }
    List<TxOut> out = new ArrayList<>();
    for (int i = random.nextInt(20) == 0 ? 300 : 1 + random.nextInt(3); i > 0; i--) {
      out.add(new TxOut(new Satoshi(random.nextLong(1L << 50)), bytes(random.nextInt(300))));
    }
    return new Transaction(random.nextLong(1L << 32), in, out, random.nextLong(1L << 32));
  }

  private Block block(int transactions) {
    List<Transaction> all = new ArrayList<>();
    for (int i = 0; i < transactions; i++) {
      all.add(transaction());
    }
    return BlockAssembler.assemble(
        new BlockAssembler.Template(GENESIS, 1_700_000_000L, bytes(22), 0, 1, all));
  }

  @Test
  void shouldReadWhatTheLibraryReads() {
    for (int i = 0; i < 60; i++) {
      byte[] raw = Block.write(block(i == 0 ? 260 : random.nextInt(8)));
      Block ours = WireReader.block(raw);
      assertEquals(Block.read(raw), ours, "seed " + SEED);
      assertArrayEquals(raw, Block.write(ours), "seed " + SEED);
    }
    for (int i = 0; i < 200; i++) {
      byte[] raw = Transaction.write(transaction());
      assertEquals(Transaction.read(raw), WireReader.transaction(raw), "seed " + SEED);
    }
    byte[] genesis = Block.write(Block.RegtestGenesisBlock);
    assertEquals(Block.RegtestGenesisBlock, WireReader.block(genesis));
  }

  @Test
  void shouldRefuseWhatIsNoBlock() {
    byte[] raw = Block.write(block(3));
    for (int length = 0; length < raw.length; length += 1 + random.nextInt(40)) {
      byte[] part = Arrays.copyOf(raw, length);
      assertThrows(IllegalArgumentException.class, () -> WireReader.block(part), "seed " + SEED);
    }
    assertThrows(
        IllegalArgumentException.class, () -> WireReader.block(Arrays.copyOf(raw, raw.length + 1)));
    byte[] endless = Arrays.copyOf(raw, 90);
    Arrays.fill(endless, 80, 89, (byte) 0xFF);
    assertThrows(IllegalArgumentException.class, () -> WireReader.block(endless));
  }
}
