package org.micropay.vts.journal;

import java.io.IOException;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.core.io.ReferenceOwner;

/**
 * The pages that were stored to through Chronicle's mapping since the last barrier.
 *
 * <p>A sync makes each dirty page that is mapped writable read-only first, one at a time, and tells
 * every core that runs a thread of the process; in a virtual machine each such interrupt leaves the
 * guest. That was half of the journal's CPU time. So all of them are taken out of the page table
 * beforehand, in one call with one interrupt. (The page cache holds what was stored; only the
 * mapping goes.)
 *
 * <p>Then the first access would be Chronicle's read of the next header, which maps the pages
 * around read-only, and each would fault once more when it is stored to. So the page is mapped for
 * writing first; Linux maps the whole folio with it.
 *
 * <p>One thread, the writer's. Holds a reference to Chronicle's mapping, so that what is given to
 * the kernel is still mapped.
 */
final class WrittenPages {
  /**
   * The file is filled in steps of so many bytes, which become the folios of the page cache where
   * the file system has large ones (ext4 from Linux 6.16). A folio is mapped by one fault and
   * written back as a whole: large ones save faults, small ones save writing.
   */
  static final int FOLIO = 32 << 10;

  private final ReferenceOwner owner = ReferenceOwner.temporary("journal");
  private BytesStore<?, ?> store;
  private long base; // address of the file's first byte, were it mapped there
  private long from;
  private long to;
  private boolean mapped = true;

  /** To be called before a document is begun. */
  void beforeStore() throws IOException {
    if (!mapped) {
      PageCache.mapForWriting(base + down(to, PageCache.PAGE));
      mapped = true;
    }
  }

  /** A document's bytes went to {@code [offset, offset + length)} of the file. */
  void stored(Bytes<?> target, long offset, int length) throws IOException {
    BytesStore<?, ?> current = target.bytesStore();
    if (current != store) {
      release();
      current.reserve(owner);
      store = current;
      base = store.addressForWrite(offset) - offset;
      from = offset;
    }
    to = offset + length;
  }

  /** To be called before the file is made durable. */
  void beforeBarrier() throws IOException {
    if (store != null && to > from) {
      // A mapping ends at a multiple of the folio, and so this does not reach beyond it.
      long start = down(from, PageCache.PAGE);
      PageCache.unmap(base + start, down(to + FOLIO - 1, FOLIO) - start);
      from = to;
      mapped = false;
    }
  }

  /** Gives Chronicle's mapping back. */
  void release() throws IOException {
    if (store != null) {
      beforeBarrier();
      store.release(owner);
      store = null;
      mapped = true;
    }
  }

  private static long down(long value, int multiple) {
    return value & -multiple;
  }
}
