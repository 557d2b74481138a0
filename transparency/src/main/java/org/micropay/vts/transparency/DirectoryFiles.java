package org.micropay.vts.transparency;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A log's files in a folder that any web server can serve as it is. Written in four steps for a
 * whole list at once: new files under temporary names, synced, renamed, their folders synced. So a
 * list costs the disk about one wait, and after a crash each name stands for a whole file.
 *
 * <p>Temporary files are in {@code .new/}; what a crash leaves there is removed by the next write.
 */
public final class DirectoryFiles implements LogFiles {
  private static final String TEMPORARY = ".new";

  private final Path root;
  private final Runnable beforeStep;

  /** Files below {@code root}, which is made at the first write. */
  public DirectoryFiles(Path root) {
    this(root, () -> {});
  }

  /** {@code beforeStep} runs before each change of the disk; a test crashes there. */
  DirectoryFiles(Path root, Runnable beforeStep) {
    this.root = root;
    this.beforeStep = beforeStep;
  }

  @Override
  public Optional<byte[]> read(String path) {
    try {
      return Optional.of(Files.readAllBytes(root.resolve(path)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      // A file where a folder would have to be is as good as none.
      if (!Files.isRegularFile(root.resolve(path))) {
        return Optional.empty();
      }
      throw new UncheckedIOException(
          "cannot read " + root.resolve(path) + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void write(List<NewFile> files) {
    try {
      Path temporary = root.resolve(TEMPORARY);
      step();
      Files.createDirectories(temporary);
      for (int i = 0; i < files.size(); i++) {
        step();
        Files.write(temporary.resolve(Integer.toString(i)), files.get(i).bytes());
      }
      for (int i = 0; i < files.size(); i++) {
        step();
        sync(temporary.resolve(Integer.toString(i)), StandardOpenOption.WRITE);
      }
      Set<Path> folders = new LinkedHashSet<>();
      for (int i = 0; i < files.size(); i++) {
        Path target = root.resolve(files.get(i).path());
        createFolders(target.getParent(), folders);
        step();
        Files.move(temporary.resolve(Integer.toString(i)), target, StandardCopyOption.ATOMIC_MOVE);
      }
      for (Path folder : folders) {
        step();
        sync(folder, StandardOpenOption.READ);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the log in " + root + ": " + e.getMessage(), e);
    }
  }

  /** Makes a folder and those above it, and notes every one whose entries have changed. */
  private void createFolders(Path folder, Set<Path> changed) throws IOException {
    if (!Files.isDirectory(folder)) {
      createFolders(folder.getParent(), changed);
      step();
      Files.createDirectories(folder);
    }
    changed.add(folder);
  }

  private static void sync(Path path, StandardOpenOption mode) throws IOException {
    try (FileChannel channel = FileChannel.open(path, mode)) {
      channel.force(true);
    }
  }

  private void step() {
    beforeStep.run();
  }

  /** The first bytes of a file, at most {@code length}; empty when there is none. */
  public Optional<byte[]> readHead(String path, int length) {
    try (FileChannel channel = FileChannel.open(root.resolve(path), StandardOpenOption.READ)) {
      ByteBuffer head = ByteBuffer.allocate((int) Math.min(length, channel.size()));
      while (head.hasRemaining() && channel.read(head) >= 0) {
        // On to the end.
      }
      return Optional.of(head.array());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read " + root.resolve(path) + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void deleteFolder(String path) {
    Path folder = root.resolve(path);
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        step();
        Files.deleteIfExists(file);
      }
      step();
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException e) {
      throw new IllegalStateException(folder + " holds folders; it is none of the log's", e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder + ": " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return root.toString();
  }
}
