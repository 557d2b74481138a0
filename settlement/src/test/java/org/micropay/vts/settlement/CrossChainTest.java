package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded chain's blocks on a real node, and the other way round. */
class CrossChainTest {
  @TempDir Path folder;

  @Test
  void shouldMineBlocksThatARealNodeAccepts() {
    try (RegtestNode node = Nodes.start(folder.resolve("node"));
        EmbeddedChain chain =
            EmbeddedChain.open(folder.resolve("chain.dat"), InstantSource.system())) {
      fill(chain);
      for (int height = 1; height <= chain.tip().height(); height++) {
        byte[] raw = chain.block(chain.hashAt(height).orElseThrow()).orElseThrow().raw();
        String verdict =
            node.chain().rpc().call("submitblock", HexFormat.of().formatHex(raw)).asText();
        assertEquals("null", verdict, "block " + height);
      }
      assertEquals(chain.tip(), node.chain().tip());
    }
  }

  @Test
  void shouldAcceptBlocksThatARealNodeMined() {
    try (RegtestNode node = Nodes.start(folder.resolve("node"));
        EmbeddedChain chain =
            EmbeddedChain.open(folder.resolve("chain.dat"), InstantSource.system())) {
      fill(node);
      for (int height = 1; height <= node.chain().tip().height(); height++) {
        chain.submitBlock(
            node.chain().block(node.chain().hashAt(height).orElseThrow()).orElseThrow().raw());
      }
      assertEquals(node.chain().tip(), chain.tip());
    }
  }

  /** Blocks past a halving, with escrows, a batch and a refund in them. */
  private static void fill(DevChain dev) {
    dev.mature(55);
    Escrows escrows = new Escrows(dev);
    List<Escrows.Escrow> made = escrows.make(10, dev.chain().tip().height() + 2);
    dev.mine(3);
    List<ReleasePair> pairs = Escrows.pairs(made.subList(0, 9));
    Batch batch =
        new BatchBuilder(Escrows.FEE)
            .build(pairs, List.of(), List.of(), BatchBuilder.Fee.at(new FeeRate(1_500)))
            .orElseThrow();
    assertTrue(dev.chain().broadcast(batch.raw()).ok());
    Escrows.Escrow last = made.getLast();
    byte[] refund =
        RefundTransaction.of(
            last.terms(), last.buyer().p2wpkh(), new FeeRate(1_000), last.buyer()::sign);
    assertTrue(dev.chain().broadcast(refund).ok());
    dev.mine(2);
  }
}
