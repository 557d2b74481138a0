package org.micropay.vts.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Disk space that the journal holds for the time when others have filled the disk: a file of real
 * blocks that is given up when the next block of the journal cannot be had. Grants stop at the
 * reserve, long before; the ballast lets chain events, settlement and clock ticks go on, over the
 * roll to new files too, until somebody makes room. Belongs to the writer's thread.
 */
final class Ballast {
  private final Path file;
  private final long bytes;
  private final Storage storage;
  private boolean held;

  /** {@code bytes} may be 0: then there is none. */
  Ballast(Path file, long bytes, Storage storage) {
    this.file = file;
    this.bytes = bytes;
    this.storage = storage;
  }

  /** Takes the space if {@code usable} bytes leave room for it beyond the reserve. */
  void take(long usable, long reserve) {
    if (bytes == 0 || held || usable < reserve + bytes) {
      return;
    }
    try {
      if (!Files.exists(file)) {
        Files.createFile(file);
      }
      storage.allocate(file, 0, bytes);
      held = true;
    } catch (IOException e) {
      // Without it the journal stops sooner on a full disk; it is tried again at the next sync.
      held = false;
    }
  }

  /** Notes what an earlier process has left. */
  void find() throws IOException {
    held = bytes > 0 && Files.exists(file) && Files.size(file) >= bytes;
  }

  /** Gives the space back to the file system; false when there is none to give. */
  boolean release() throws IOException {
    if (!held) {
      return false;
    }
    held = false;
    return Files.deleteIfExists(file);
  }

  boolean isHeld() {
    return held;
  }
}
