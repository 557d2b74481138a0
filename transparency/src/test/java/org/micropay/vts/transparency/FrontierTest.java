package org.micropay.vts.transparency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.Bytes32;

class FrontierTest {
  /** Leaves and roots of the test data of Google's certificate-transparency-go (Merkle tests). */
  private static final String[] CT_LEAVES = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f"
  };

  private static final String[] CT_ROOTS = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  };

  @Test
  void shouldHaveTheRootsOfThePublishedTestData() {
    Frontier tree = new Frontier();
    assertEquals(CT_ROOTS[0], tree.root().toHex());
    for (int i = 0; i < CT_LEAVES.length; i++) {
      byte[] leaf = HexFormat.of().parseHex(CT_LEAVES[i]);
      tree.appendLeaf(leaf, 0, leaf.length);
      assertEquals(CT_ROOTS[i + 1], tree.root().toHex(), "size " + (i + 1));
    }
  }

  @Test
  void shouldAgreeWithTheDefinitionAtEverySize() {
    Random random = Seeds.random("FrontierTest");
    Frontier tree = new Frontier();
    List<byte[]> leaves = new ArrayList<>();
    NaiveTree naive = new NaiveTree(leaves);
    for (int size = 0; size <= 1000; size++) {
      assertEquals(size, tree.size());
      assertEquals(naive.root(0, size), tree.root(), "size " + size);
      byte[] leaf = new byte[random.nextInt(80)];
      random.nextBytes(leaf);
      leaves.add(leaf);
      tree.appendLeaf(leaf, 0, leaf.length);
    }
  }

  @Test
  void shouldGoOnFromASnapshot() {
    Random random = Seeds.random("FrontierTest");
    Frontier tree = new Frontier();
    byte[] leaf = new byte[32];
    for (int size = 0; size < 600; size++) {
      Frontier copy = Frontier.decode(tree.encode());
      assertEquals(tree.root(), copy.root());
      random.nextBytes(leaf);
      tree.append(leaf, 0);
      copy.append(leaf, 0);
      assertEquals(tree.root(), copy.root());
      assertEquals(tree.size(), copy.size());
    }
  }

  @Test
  void shouldRefuseASnapshotOfAnotherLength() {
    Frontier tree = new Frontier();
    tree.append(Bytes32.ZERO.toArray(), 0);
    byte[] bytes = tree.encode();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThrows(LogDataException.class, () -> Frontier.decode(cut), "length " + length);
    }
    byte[] negative = new Frontier().encode();
    negative[7] = (byte) 0x80;
    assertThrows(LogDataException.class, () -> Frontier.decode(negative));
  }
}
