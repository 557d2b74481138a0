package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.ticket.Outpoint;

/** What the embedded chain keeps over a restart, and how it meets damage. */
class EmbeddedChainFileTest {
  @TempDir Path folder;
  private Path file;
  private BlockRef tip;
  private Outpoint outpoint;

  private EmbeddedChain open() {
    return EmbeddedChain.open(file, InstantSource.system());
  }

  @BeforeEach
  void makeAChain() {
    file = folder.resolve("data/chain.dat");
    try (EmbeddedChain chain = open()) {
      chain.mature(2);
      outpoint = chain.fund(chain.wallet().script(), 5_000);
      chain.mine(3);
      chain.invalidate(2);
      chain.mine(1);
      tip = chain.tip();
    }
  }

  @Test
  void shouldReopenWhereItWas() {
    try (EmbeddedChain chain = open()) {
      assertEquals(tip, chain.tip());
      assertEquals(5_000, chain.utxos(List.of(outpoint)).get(outpoint).orElseThrow().value());
      chain.mine(1);
      assertEquals(tip.hash(), chain.tip().previous());
    }
  }

  @Test
  void shouldCutARecordThatACrashLeftTorn() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 7));
    try (EmbeddedChain chain = open()) {
      assertEquals(tip.previous(), chain.tip().hash());
      chain.mine(1);
    }
    try (EmbeddedChain chain = open()) {
      assertEquals(tip.height(), chain.tip().height());
    }
  }

  @Test
  void shouldRefuseAFlippedBit() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int at : new int[] {3, 16 + 9 + 40, whole.length / 2}) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 4;
      Files.write(file, damaged);
      assertThrows(ChainException.class, this::open, "bit flipped at " + at);
    }
  }

  @Test
  void shouldRefuseASecondUser() {
    try (EmbeddedChain chain = open()) {
      assertTrue(chain.tip().height() > 0);
      assertThrows(IllegalStateException.class, this::open);
    }
  }

  @Test
  void shouldRefuseBlocksThatBreakARule() {
    try (EmbeddedChain chain = open()) {
      byte[] good = chain.block(chain.hashAt(1).orElseThrow()).orElseThrow().raw();
      assertThrows(IllegalArgumentException.class, () -> chain.submitBlock(good));
      byte[] next = nextBlock(chain);
      for (int at : new int[] {4, 40, 72, 100, 130, next.length - 5}) {
        byte[] bad = next.clone();
        bad[at] ^= 1;
        assertThrows(RuntimeException.class, () -> chain.submitBlock(bad), "byte " + at);
      }
      assertEquals(tip, chain.tip());
      chain.submitBlock(next);
      assertEquals(tip.hash(), chain.tip().previous());
    }
  }

  /** A valid block on the tip, made in a copy of the chain. */
  private byte[] nextBlock(EmbeddedChain chain) {
    Path copy = folder.resolve("copy.dat");
    try {
      Files.copy(file, copy);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    try (EmbeddedChain other = EmbeddedChain.open(copy, InstantSource.system())) {
      return other.block(other.mine(1).getFirst()).orElseThrow().raw();
    }
  }
}
