package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.micropay.vts.settlement.Escrows.Escrow;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Terms;

/** What a claim costs on chain; docs/SETTLEMENT.md shows these figures. */
class BatchFiguresTest {
  private static final int BLOCK_WEIGHT = 3_996_000;
  private static final int PAIR_WEIGHT = 4 * (41 + 31) + 1 + 73 + 73 + 79;
  private static final FeeRate RATE = new FeeRate(10_000);
  private static final Bytes32 TXID = Bytes32.fromHex("5a".repeat(32));

  private static List<ReleasePair> pairs(int count) {
    List<ReleasePair> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Keys buyer = Keys.named("figures " + i);
      Terms terms =
          new Terms(
              Network.REGTEST.magic(),
              new Outpoint(TXID, i),
              100_000,
              100_000,
              100,
              900_000,
              buyer.publicKey(),
              Escrows.VTS.publicKey());
      pairs.add(new Escrow(terms, buyer).grant(i + 1, Keys.named("m" + i).p2wpkh()).pair());
    }
    return pairs;
  }

  private static Batch batch(int count) {
    FeeCoin coin = new FeeCoin(new Outpoint(TXID.reversed(), 0), 10_000_000);
    return new BatchBuilder(Escrows.FEE)
        .build(pairs(count), List.of(), List.of(coin), BatchBuilder.Fee.at(RATE))
        .orElseThrow();
  }

  @Test
  void shouldCostWhatTheDocumentSays() {
    StringBuilder table = new StringBuilder();
    for (int count : new int[] {1, 10, 75}) {
      Batch batch = batch(count);
      int weight = Transactions.parse(batch.raw()).weight();
      int claimsPerBlock = BLOCK_WEIGHT / weight * count;
      table.append(
          "| %d | %,d | %.1f | %,d | %,d |%n"
              .formatted(
                  count,
                  batch.vsize(),
                  (double) batch.vsize() / count,
                  claimsPerBlock,
                  batch.fee() / count));
      // Signatures are a byte shorter now and then; a batch may lack two bytes for each claim.
      int most = PAIR_WEIGHT * count + 4 * 12 + 2 + 4 * (41 + 31) + 108;
      assertTrue(weight <= most && weight >= most - 4 * count - 8, weight + " of " + most);
    }
    System.out.print(table);
    assertEquals(7_774, BLOCK_WEIGHT / PAIR_WEIGHT, "pairs in a block, without anything else");
  }

  @Test
  void shouldHold75ClaimsAtMost() {
    List<ReleasePair> many = pairs(80);
    int fitting = BatchBuilder.fitting(many, 100);
    assertTrue(fitting >= 75 && fitting <= 77, fitting + " claims fit");
    assertTrue(batch(75).vsize() <= BatchBuilder.MAX_VSIZE);
  }
}
