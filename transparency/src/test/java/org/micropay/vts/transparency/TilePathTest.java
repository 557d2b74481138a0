package org.micropay.vts.transparency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TilePathTest {
  /** Examples of C2SP tlog-tiles. */
  @Test
  void shouldWriteIndexesAsTheSpecificationDoes() {
    assertEquals("tile/0/x001/x234/067", new TilePath(0, 1_234_067, 256).toString());
    assertEquals("tile/entries/x001/x234/067.p/8", new TilePath(-1, 1_234_067, 8).toString());
    assertEquals("tile/63/000", new TilePath(63, 0, 256).toString());
    assertEquals("tile/1/x001/000", new TilePath(1, 1000, 256).toString());
  }

  @Test
  void shouldKnowTheTilesOfASize() {
    assertEquals(new TilePath(0, 272, 256), TilePath.in(70_000, 0, 272));
    assertEquals(new TilePath(0, 273, 112), TilePath.in(70_000, 0, 273));
    assertEquals(new TilePath(1, 0, 256), TilePath.in(70_000, 1, 0));
    assertEquals(new TilePath(1, 1, 17), TilePath.in(70_000, 1, 1));
    assertEquals(new TilePath(2, 0, 1), TilePath.in(70_000, 2, 0));
    assertThrows(IllegalArgumentException.class, () -> TilePath.in(70_000, 0, 274));
    assertThrows(IllegalArgumentException.class, () -> TilePath.in(70_000, 3, 0));
    assertEquals(new TilePath(1, 0, 1), TilePath.in(256, 1, 0));
  }

  @Test
  void shouldReadWhatItWrites() {
    Random random = Seeds.random("TilePathTest");
    for (int i = 0; i < 2000; i++) {
      TilePath path =
          new TilePath(
              random.nextInt(-1, 64),
              random.nextLong(1L << random.nextInt(1, 60)),
              random.nextInt(1, 257));
      assertEquals(Optional.of(path), TilePath.parse(path.toString()));
    }
  }

  @Test
  void shouldRefuseEveryOtherText() {
    for (String path :
        new String[] {
          "",
          "tile",
          "tile/0",
          "tile/0/",
          "tile/0/0",
          "tile/0/00",
          "tile/0/0000",
          "tile/00/000",
          "tile/64/000",
          "tile/-1/000",
          "tile/0/x000/001",
          "tile/0/x001",
          "tile/0/001/002",
          "tile/0/000.p",
          "tile/0/000.p/",
          "tile/0/000.p/0",
          "tile/0/000.p/01",
          "tile/0/000.p/256",
          "tile/0/000.p/300",
          "tile/0/../000",
          "tile/entries/../../checkpoint",
          "tile/data/000",
          "/tile/0/000",
          "tile/0/000\n",
        }) {
      assertTrue(TilePath.parse(path).isEmpty(), path);
    }
  }
}
