package org.micropay.vts.appliance.server;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.agrona.DirectBuffer;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.settlement.BlockRef;
import org.micropay.vts.ticket.Bytes32;

/**
 * The last blocks that the ledger knows, from which the follower finds back to the chain.
 *
 * <pre>
 *  count u32 | count x ( height u32 | hash 32 | parentHash 32 ), oldest first; big-endian
 * </pre>
 */
final class BlocksSection implements StateSection {
  private static final int KEPT = 288;

  private final Deque<BlockRef> blocks = new ArrayDeque<>();

  /** Oldest first, ending with the tip. */
  List<BlockRef> blocks() {
    return List.copyOf(blocks);
  }

  @Override
  public String name() {
    return "blocks";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void apply(
      long position,
      RecordType type,
      long timeMillis,
      DirectBuffer payload,
      int offset,
      int length) {
    if (type == RecordType.BLOCK_CONNECTED) {
      add(
          new BlockRef(
              hash(payload, offset + BlockRecord.HASH),
              payload.getInt(offset + BlockRecord.HEIGHT, ByteOrder.LITTLE_ENDIAN),
              hash(payload, offset + BlockRecord.PARENT_HASH),
              0));
    } else if (type == RecordType.BLOCK_DISCONNECTED) {
      blocks.pollLast();
      if (blocks.isEmpty()) {
        // The ledger stands on the parent now, which it has not seen being connected.
        blocks.addLast(
            new BlockRef(
                hash(payload, offset + BlockRecord.PARENT_HASH),
                payload.getInt(offset + BlockRecord.HEIGHT, ByteOrder.LITTLE_ENDIAN) - 1,
                Bytes32.ZERO,
                0));
      }
    }
  }

  private void add(BlockRef block) {
    blocks.addLast(block);
    if (blocks.size() > KEPT) {
      blocks.removeFirst();
    }
  }

  private static Bytes32 hash(DirectBuffer payload, int offset) {
    byte[] bytes = new byte[Bytes32.LENGTH];
    payload.getBytes(offset, bytes);
    return Bytes32.of(bytes);
  }

  @Override
  public void write(OutputStream out) throws IOException {
    DataOutputStream data = new DataOutputStream(out);
    data.writeInt(blocks.size());
    for (BlockRef block : blocks) {
      data.writeInt(block.height());
      data.write(block.hash().toArray());
      data.write(block.previous().toArray());
    }
  }

  @Override
  public void read(int version, InputStream in) throws IOException {
    StateSection.requireVersion(name(), version(), version);
    DataInputStream data = new DataInputStream(in);
    int count = data.readInt();
    if (count < 0 || count > KEPT) {
      throw new IllegalArgumentException("section blocks holds " + count + " blocks");
    }
    for (int i = 0; i < count; i++) {
      int height = data.readInt();
      Bytes32 hash = Bytes32.of(data.readNBytes(Bytes32.LENGTH));
      add(new BlockRef(hash, height, Bytes32.of(data.readNBytes(Bytes32.LENGTH)), 0));
    }
  }
}
