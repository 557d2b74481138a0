package org.micropay.vts.audit;

import java.util.Arrays;

/**
 * Rows of eight words by a key of two, which are the first two words of the row. Rows stand one
 * behind the other in blocks that never move, in the order in which they came; an index of cells
 * beside them says where. So growing copies 8 bytes a row and not 64, no memory is taken in advance
 * but half of the cells, and what came together lies together.
 *
 * <pre>
 *  cell, 8 bytes, zero when free
 *  63                   32 31          0
 *  | upper half of key 0  | row + 1     |
 * </pre>
 *
 * <p>80 to 96 bytes a row. One thread; allocates only to grow.
 */
final class OutpointTable {
  /** Words of a row. */
  static final int WORDS = 8;

  /** Returned when a key has no row. */
  static final int NONE = -1;

  private static final int BLOCK_BITS = 12;
  private static final int BLOCK_ROWS = 1 << BLOCK_BITS;
  private static final int FIRST_CELLS = 1 << 10;

  private long[][] blocks = new long[1][];
  private long[] cells = new long[FIRST_CELLS];
  private int rows;

  /** Number of rows; they are numbered from 0 in the order in which they came. */
  int size() {
    return rows;
  }

  /** The words of a row's block; they stay where they are. */
  long[] block(int row) {
    return blocks[row >>> BLOCK_BITS];
  }

  /** Where in its block a row begins. */
  static int offset(int row) {
    return (row & BLOCK_ROWS - 1) * WORDS;
  }

  /** The row with this key, or {@link #NONE}. */
  int find(long key0, long key1) {
    int mask = cells.length - 1;
    int upper = (int) (key0 >>> 32);
    for (int i = upper & mask; cells[i] != 0; i = i + 1 & mask) {
      if ((int) (cells[i] >>> 32) == upper) {
        int row = (int) cells[i] - 1;
        long[] block = block(row);
        int at = offset(row);
        if (block[at] == key0 && block[at + 1] == key1) {
          return row;
        }
      }
    }
    return NONE;
  }

  /** A new row for a key that has none; the other words are zero. */
  int insert(long key0, long key1) {
    if (2L * (rows + 1) > cells.length) {
      growCells();
    }
    if (rows >>> BLOCK_BITS == blocks.length) {
      blocks = Arrays.copyOf(blocks, 2 * blocks.length);
    }
    int row = rows++;
    int at = offset(row);
    if (at == 0) {
      blocks[row >>> BLOCK_BITS] = new long[BLOCK_ROWS * WORDS];
    }
    long[] block = block(row);
    block[at] = key0;
    block[at + 1] = key1;
    put(cells, key0 & 0xFFFF_FFFF_0000_0000L | row + 1);
    return row;
  }

  private void growCells() {
    long[] next = new long[Math.multiplyExact(cells.length, 2)];
    for (long cell : cells) {
      if (cell != 0) {
        put(next, cell);
      }
    }
    cells = next;
  }

  private static void put(long[] cells, long cell) {
    int mask = cells.length - 1;
    int i = (int) (cell >>> 32) & mask;
    while (cells[i] != 0) {
      i = i + 1 & mask;
    }
    cells[i] = cell;
  }

  /** Reads the cell where the search for a key begins, so that it is in the cache. */
  long touchCell(long key0) {
    return cells[(int) (key0 >>> 32) & cells.length - 1];
  }

  /** Reads both ends of the row that the cell names, if it is likely the key's. */
  long touchRow(long key0) {
    long cell = touchCell(key0);
    if (cell == 0 || (cell ^ key0) >>> 32 != 0) {
      return 0;
    }
    int row = (int) cell - 1;
    return block(row)[offset(row)] + block(row)[offset(row) + WORDS - 1];
  }
}
