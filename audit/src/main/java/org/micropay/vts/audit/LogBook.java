package org.micropay.vts.audit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.transparency.CheckpointRecord;
import org.micropay.vts.transparency.CosignatureRecord;
import org.micropay.vts.transparency.LogDataException;

/**
 * The transparency log, computed again from the records that are its leaves, and compared with
 * every tree head that the journal holds and with those that were kept elsewhere.
 *
 * <p>A tree head may be journaled some leaves after the last one in it. So leaves wait, 40 bytes
 * each, until a tree head asks for them. One thread; owns its tree until {@link #close}.
 */
final class LogBook implements AutoCloseable {
  /** Leaves that wait: more than any log leaves between two heads, less than a heap. */
  private static final int WAITING = 1 << 20;

  private static final int HASH = Bytes32.LENGTH;
  private static final int FIRST_CAPACITY = 1 << 12;

  /** Tree heads that a cosignature may still come for. */
  private static final int KEPT_HEADS = 4_096;

  private final LogTree tree;

  // Leaves that wait, a ring: hashes, and the positions of their records.
  private UnsafeBuffer waitingHashes = new UnsafeBuffer(new byte[FIRST_CAPACITY * HASH]);
  private long[] waitingPositions = new long[FIRST_CAPACITY];
  private int head;
  private int waiting;

  private final Map<Long, CheckpointRecord> heads =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, CheckpointRecord> eldest) {
          return size() > KEPT_HEADS;
        }
      };
  private final List<TreeHead> published;
  private final boolean[] compared;
  private long lastInTree;
  private boolean incomplete;
  private long checked;
  private long unchecked;

  LogBook(List<TreeHead> published, MessageHashes.Hasher hasher) {
    this.tree = new LogTree(hasher);
    this.published = List.copyOf(published);
    this.compared = new boolean[published.size()];
  }

  /** Tree heads that were computed again and compared. */
  long checked() {
    return checked;
  }

  /** Tree heads of which only the signature could be checked. */
  long unchecked() {
    return unchecked;
  }

  /**
   * The first leaves are not there, and no tree can be computed.
   *
   * @param newest tree head before the first record
   */
  void beginWithoutLeaves(Optional<CheckpointRecord> newest) {
    incomplete = true;
    newest.ifPresent(head -> heads.put(head.checkpoint().size(), head));
  }

  /** A grant or a proof with its leaf's hash. */
  void leaf(long position, UnsafeBuffer hashes, int offset, Objections objections) {
    if (incomplete) {
      return;
    }
    if (waiting == waitingPositions.length) {
      grow();
    }
    int place = head + waiting++ & waitingPositions.length - 1;
    waitingPositions[place] = position;
    waitingHashes.putBytes(place * HASH, hashes, offset, HASH);
    if (waiting > WAITING) {
      append(objections);
    }
  }

  private void grow() {
    int capacity = waitingPositions.length;
    long[] positions = new long[2 * capacity];
    UnsafeBuffer hashes = new UnsafeBuffer(new byte[2 * capacity * HASH]);
    for (int i = 0; i < waiting; i++) {
      int place = head + i & capacity - 1;
      positions[i] = waitingPositions[place];
      hashes.putBytes(i * HASH, waitingHashes, place * HASH, HASH);
    }
    waitingPositions = positions;
    waitingHashes = hashes;
    head = 0;
  }

  /** A record of the log's own; others are ignored. */
  void take(
      RecordType type,
      long position,
      DirectBuffer frame,
      int at,
      int length,
      Objections objections) {
    try {
      if (type == RecordType.CHECKPOINT) {
        head(position, CheckpointRecord.decode(bytes(frame, at, length)), objections);
      } else if (type == RecordType.COSIGNATURE) {
        cosignature(CosignatureRecord.decode(bytes(frame, at, length)), objections);
      }
    } catch (LogDataException e) {
      objections.find(AuditFinding.LOG_ROOT, e.getMessage());
    }
  }

  private static byte[] bytes(DirectBuffer frame, int at, int length) {
    byte[] bytes = new byte[length];
    frame.getBytes(at, bytes);
    return bytes;
  }

  private void append(Objections objections) {
    tree.append(waitingHashes, head * HASH);
    lastInTree = waitingPositions[head];
    head = head + 1 & waitingPositions.length - 1;
    waiting--;
    for (int i = 0; i < published.size(); i++) {
      TreeHead head = published.get(i);
      if (head.size() == tree.size()) {
        compared[i] = true;
        if (!head.root().equals(tree.root())) {
          objections.find(
              AuditFinding.CHECKPOINT,
              "the published root of %d leaves is %s, the journal's %s"
                  .formatted(head.size(), head.root().toHex(), tree.root().toHex()));
        }
      }
    }
  }

  private void head(long position, CheckpointRecord record, Objections objections) {
    long size = record.checkpoint().size();
    if (incomplete) {
      if (!record.isSigned()) {
        objections.find(AuditFinding.LOG_ROOT, "the log's signature over the tree head is invalid");
      }
      heads.put(size, record);
      unchecked++;
      return;
    }
    while (tree.size() < size && waiting > 0) {
      append(objections);
    }
    if (tree.size() != size) {
      objections.find(
          AuditFinding.LOG_ROOT,
          "a tree head of %d leaves where the journal makes one of %d"
              .formatted(size, tree.size()));
    } else if (!tree.root().equals(record.checkpoint().root())) {
      objections.find(
          AuditFinding.LOG_ROOT,
          "root %s of %d leaves; the records give %s"
              .formatted(record.checkpoint().root().toHex(), size, tree.root().toHex()));
    } else if (record.through() >= position
        || lastInTree > record.through()
        || waiting > 0 && waitingPositions[head] <= record.through()) {
      objections.find(
          AuditFinding.LOG_ROOT,
          "%d leaves are not those through position %d".formatted(size, record.through()));
    } else if (!record.isSigned()) {
      objections.find(AuditFinding.LOG_ROOT, "the log's signature over the tree head is invalid");
    }
    heads.put(size, record);
    checked++;
  }

  private void cosignature(CosignatureRecord record, Objections objections) {
    CheckpointRecord head = heads.get(record.size());
    if (head == null && incomplete) {
      unchecked++;
    } else if (head == null || !record.verifies(head.checkpoint())) {
      objections.find(
          AuditFinding.LOG_ROOT,
          "a cosignature on a tree head of %d leaves that no record before holds"
              .formatted(record.size()));
    }
  }

  /** The journal ends: the rest of the leaves, and heads of more leaves than it has. */
  void end(Objections objections) {
    while (waiting > 0) {
      append(objections);
    }
    for (int i = 0; i < published.size(); i++) {
      if (!compared[i] && published.get(i).size() > 0) {
        objections.find(
            AuditFinding.CHECKPOINT,
            "a tree head of %d leaves was published; the journal has %d"
                .formatted(published.get(i).size(), tree.size()));
      }
    }
  }

  @Override
  public void close() {
    tree.close();
  }
}
