package org.micropay.vts.transparency;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A log's files in memory. */
final class MemoryFiles implements LogFiles {
  final Map<String, byte[]> files = new HashMap<>();

  @Override
  public Optional<byte[]> read(String path) {
    return Optional.ofNullable(files.get(path));
  }

  @Override
  public void write(List<NewFile> written) {
    written.forEach(file -> files.put(file.path(), file.bytes()));
  }

  @Override
  public void deleteFolder(String path) {
    files.keySet().removeIf(name -> name.startsWith(path + "/"));
  }

  /** A tree with these leaves, all its files in memory. */
  static MemoryFiles of(List<byte[]> leaves) {
    MemoryFiles memory = new MemoryFiles();
    TileTree tree = new TileTree((path, bytes) -> memory.files.put(path.toString(), bytes));
    leaves.forEach(leaf -> tree.append(leaf, 0, leaf.length));
    tree.flush();
    return memory;
  }
}
