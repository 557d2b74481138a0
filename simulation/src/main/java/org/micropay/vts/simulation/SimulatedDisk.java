package org.micropay.vts.simulation;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.micropay.vts.journal.Storage;

/**
 * The storage port of the production journal over a disk with a page cache.
 *
 * <p>The journal writes real files in a folder of a memory file system: that folder is what
 * programs see, the page cache. Beside it stands what the platter holds: for each file the bytes of
 * its last successful sync, for each directory the names of its last sync. A kill keeps the page
 * cache; a power loss throws it away, but for a random subset of dirty pages or sectors, and for
 * names that may or may not have been written.
 *
 * <p>Faults are armed by the simulation: the next sync fails or is slow, the next allocation finds
 * no space, the machine goes off inside the n-th call from now. One thread.
 */
public final class SimulatedDisk implements Storage, AutoCloseable {
  private static final String UNFINISHED = "epoch.unfinished";

  /** What can go wrong with the next call of a kind. */
  enum Fault {
    SYNC_FAILS("sync failed"),
    SYNC_IS_SLOW("sync was slow"),
    NO_SPACE("no space"),
    WRITE_FAILS("write failed"),
    DIRECTORY_SYNC_FAILS("directory sync failed");

    private final String text;

    Fault(String text) {
      this.text = text;
    }
  }

  private final Path base;
  private final SplittableRandom random;
  private final SimulatedClock clock;
  private final Map<Object, CachedFile> files = new HashMap<>();
  private final Map<Object, Set<String>> names = new HashMap<>();
  private final Set<Fault> armed = new HashSet<>();
  private Path root;
  private int generation;
  private int callsUntilCut = -1;
  private boolean off;
  private long usable = Long.MAX_VALUE;
  private long syncs;
  private final Map<String, Long> faults = new TreeMap<>();

  /** A disk whose folders lie below {@code base}. */
  SimulatedDisk(Path base, SplittableRandom random, SimulatedClock clock) throws IOException {
    this.base = base;
    this.random = random;
    this.clock = clock;
    this.root = Files.createDirectories(base.resolve("disk-0"));
  }

  /** The folder that programs see now; another one after each {@link #reboot}. */
  Path root() {
    return root;
  }

  long syncs() {
    return syncs;
  }

  /** Faults that have struck so far, by their kind. */
  Map<String, Long> faults() {
    return faults;
  }

  void arm(Fault fault) {
    armed.add(fault);
  }

  void disarm() {
    armed.clear();
    callsUntilCut = -1;
    usable = Long.MAX_VALUE;
  }

  /** The machine goes off inside the n-th call from now, 0 being the next. */
  void cutAfter(int calls) {
    callsUntilCut = calls;
  }

  void usable(long bytes) {
    usable = bytes;
  }

  boolean isOff() {
    return off;
  }

  /** Switches off between two steps. */
  void switchOff() {
    off = true;
  }

  private void enter(String call) {
    if (off || callsUntilCut-- == 0) {
      off = true;
      throw new PowerCut(call);
    }
  }

  private boolean strikes(Fault fault) {
    boolean strikes = armed.remove(fault);
    if (strikes) {
      faults.merge(fault.text, 1L, Long::sum);
    }
    return strikes;
  }

  // ---- the port

  @Override
  public Barrier open(Path file) throws IOException {
    enter("open");
    if (!Files.exists(file)) {
      Files.createFile(file);
    }
    CachedFile cached = cached(file);
    return new Barrier() {
      @Override
      public void force() throws IOException {
        SimulatedDisk.this.force(cached);
      }

      @Override
      public void fill(long offset, long length) throws IOException {
        enter("fill");
        // The memory file system has zeros there already; only the failure is of interest.
        if (strikes(Fault.WRITE_FAILS)) {
          throw new IOException("Input/output error");
        }
      }

      @Override
      public void rewrite(long offset, long length) throws IOException {
        enter("rewrite");
        if (strikes(Fault.WRITE_FAILS)) {
          throw new IOException("Input/output error");
        }
        cached.redirty(offset, offset + length);
      }

      @Override
      public void close() {
        // What is cached stays cached.
      }
    };
  }

  private void force(CachedFile file) throws IOException {
    enter("sync, before");
    syncs++;
    if (strikes(Fault.SYNC_IS_SLOW)) {
      clock.advance(5_000);
    }
    if (strikes(Fault.SYNC_FAILS)) {
      file.failForce(random);
      throw new IOException("Input/output error");
    }
    file.force();
    enter("sync, after");
  }

  private CachedFile cached(Path file) throws IOException {
    Object key = key(file);
    CachedFile cached = files.get(key);
    if (cached == null) {
      cached = new CachedFile(file, CachedFile.Content.EMPTY, false);
      files.put(key, cached);
    }
    return cached;
  }

  @Override
  public void allocate(Path file, long offset, long length) throws IOException {
    enter("allocate");
    if (strikes(Fault.NO_SPACE)) {
      throw new IOException("No space left on device");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      if (channel.size() < offset + length) {
        channel.write(ByteBuffer.allocate(1), offset + length - 1);
      }
    }
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    enter("directory sync, before");
    if (strikes(Fault.DIRECTORY_SYNC_FAILS)) {
      throw new IOException("Input/output error");
    }
    Set<String> present = new HashSet<>();
    for (Path path : list(directory)) {
      present.add(path.getFileName().toString());
      // The head of an epoch is written and synced by its own code, just before this call.
      if (path.endsWith("epoch")) {
        CachedFile head = cached(path);
        if (!head.everForced()) {
          head.force();
        }
      }
    }
    names.put(key(directory), present);
    enter("directory sync, after");
  }

  private static Object key(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  @Override
  public long usableBytes(File directory) {
    return usable;
  }

  // ---- the end and the beginning

  /**
   * Starts the machine again after {@link #switchOff} or a cut, with a new root folder. The old one
   * stays until {@link #forgetOld}, so that its journal can be closed.
   *
   * @param powerLost whether the page cache is gone; otherwise only the process was killed
   */
  Path reboot(boolean powerLost) {
    Path next = base.resolve("disk-" + ++generation);
    Map<Object, CachedFile> known = new HashMap<>();
    Map<Object, Set<String>> knownNames = new HashMap<>();
    try {
      Files.createDirectory(next);
      copy(root, next, powerLost, known, knownNames);
      for (CachedFile file : files.values()) {
        file.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    files.clear();
    files.putAll(known);
    names.clear();
    names.putAll(knownNames);
    return next;
  }

  /** Writes into {@code to} what a power loss at this instant would leave; nothing else changes. */
  void image(Path to) throws IOException {
    Map<Object, CachedFile> copies = new HashMap<>();
    Files.createDirectories(to);
    copy(root, to, true, copies, new HashMap<>());
    for (CachedFile copy : copies.values()) {
      copy.close();
    }
  }

  /** Ends the time between two machines: the old folder is removed, calls work again. */
  void switchOn(Path next) {
    delete(root);
    root = next;
    off = false;
    callsUntilCut = -1;
    armed.clear();
  }

  private void copy(
      Path from,
      Path to,
      boolean powerLost,
      Map<Object, CachedFile> known,
      Map<Object, Set<String>> knownNames)
      throws IOException {
    Set<String> durableNames = names.getOrDefault(key(from), Set.of());
    Set<String> kept = new HashSet<>();
    for (Path path : list(from)) {
      String name = path.getFileName().toString();
      boolean certain = durableNames.contains(name) || name.equals("journal.lock");
      String target = powerLost && !certain ? uncertain(name, durableNames) : name;
      if (target == null) {
        continue;
      }
      Path copy = to.resolve(target);
      if (Files.isDirectory(path)) {
        Files.createDirectory(copy);
        copy(path, copy, powerLost, known, knownNames);
      } else {
        copyFile(path, copy, powerLost, known);
      }
      if (powerLost || certain) {
        kept.add(target);
      }
    }
    knownNames.put(key(to), kept);
  }

  /** The name under which an entry survives that no directory sync has covered, or null. */
  private String uncertain(String name, Set<String> durableNames) {
    if (random.nextBoolean()) {
      return name;
    }
    // A rename that did not reach the disk leaves the old name, if that had reached it.
    boolean renamed = name.startsWith("epoch-") && durableNames.contains(UNFINISHED);
    return renamed ? UNFINISHED : null;
  }

  private void copyFile(Path from, Path to, boolean powerLost, Map<Object, CachedFile> known)
      throws IOException {
    CachedFile cached = cached(from);
    CachedFile.Content disk = powerLost ? cached.survivors(random) : cached.durable();
    if (powerLost) {
      write(to, disk);
    } else {
      Files.copy(from, to);
    }
    CachedFile copy = new CachedFile(to, disk, powerLost || cached.everForced());
    if (!powerLost) {
      // The page cache outlives the process, and with it what the kernel believes to be clean.
      copy.takeLost(cached);
    }
    known.put(key(to), copy);
  }

  private static void write(Path to, CachedFile.Content content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content.bytes());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      if (content.length() > content.bytes().length) {
        channel.write(ByteBuffer.allocate(1), content.length() - 1);
      }
    }
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> paths = Files.list(directory)) {
      // In order of their names, so that the same seed draws for the same file.
      return paths.sorted().toList();
    }
  }

  /** Removes a folder and everything in it. */
  static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    for (CachedFile file : files.values()) {
      file.close();
    }
    delete(base);
  }
}
