package org.micropay.vts.simulation;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.micropay.vts.journal.JournalException;

/** What goes wrong with the server's machine: kills, disk faults, clock jumps, bits. One thread. */
final class Misfortune {
  private static final long HOUR = 3_600_000L;

  private final World world;
  private final Checkers checkers;
  private final Map<String, Long> counts = new TreeMap<>();
  private boolean on;
  private boolean powerWasLost;
  private long flipsDetected;

  Misfortune(World world, Checkers checkers) {
    this.world = world;
    this.checkers = checkers;
    on = world.options().calm() > 0;
    if (!on) {
      world.network().heal();
    }
  }

  /** Whether faults strike; from {@link #stop} on they do not. */
  boolean isOn() {
    return on;
  }

  void stop() {
    world.trace().note("faults stop");
    on = false;
    world.network().heal();
    world.disk().disarm();
  }

  private void count(String kind) {
    counts.merge(kind, 1L, Long::sum);
  }

  /** How often each kind has struck, with those that the chain counts. */
  Map<String, Long> counts(long reorganizations) {
    Map<String, Long> all = new TreeMap<>(counts);
    all.putAll(world.disk().faults());
    all.putAll(world.network().disturbances());
    all.put("reorganization", reorganizations);
    all.values().removeIf(count -> count == 0);
    return all;
  }

  /** Flips that were refused by name. */
  long flipsDetected() {
    return flipsDetected;
  }

  /** Perhaps something, while the server runs. */
  void strike() {
    int dice = world.random().nextInt(world.options().calm());
    if (dice < 4) {
      world.trace().note("killed between two steps");
      world.disk().switchOff();
    } else if (dice < 8) {
      world.disk().cutAfter(world.random().nextInt(12));
    } else if (dice < 13) {
      armAny();
    } else if (dice < 15) {
      world.disk().usable(world.random().nextBoolean() ? 0 : Long.MAX_VALUE);
    } else if (dice < 20) {
      jump();
    }
  }

  private void armAny() {
    SimulatedDisk.Fault[] faults = SimulatedDisk.Fault.values();
    SimulatedDisk.Fault fault = faults[world.random().nextInt(faults.length)];
    world.trace().note("armed %s", fault);
    world.disk().arm(fault);
  }

  private void jump() {
    count("clock jump");
    SimulatedClock clock = world.clock();
    boolean forward = world.random().nextBoolean();
    if (world.random().nextInt(4) > 0) {
      int by = world.random().nextInt(60_000);
      clock.jump(forward ? by : -by);
    } else if (forward) {
      // Into the last milliseconds of an hour: the journal rolls in the midst of what comes next.
      long hours = clock.millis() / HOUR + 1 + world.random().nextInt(3);
      clock.jump(hours * HOUR - world.random().nextInt(40) - clock.millis());
    } else {
      clock.jump(-HOUR * (1 + world.random().nextInt(3)));
    }
    world.trace().note("clock jumps to %d", clock.millis());
  }

  /** The server went down: with its machine or alone. */
  boolean drawPowerLoss() {
    boolean powerLost = world.random().nextBoolean();
    powerWasLost |= powerLost;
    world.trace().note(powerLost ? "power lost" : "process gone");
    count(powerLost ? "power loss" : "kill");
    return powerLost;
  }

  /** Perhaps something, before the server starts again. */
  void strikeBeforeStart() {
    if (!on) {
      return;
    }
    flip();
    if (world.random().nextInt(6) == 0) {
      world.disk().cutAfter(world.random().nextInt(14));
    } else if (world.random().nextInt(12) == 0) {
      armAny();
    }
  }

  /** It came back. */
  void started() {
    powerWasLost = false;
  }

  /** A bit turns while the machine is off: it must be found, or be where nothing stands. */
  private void flip() {
    Path journal = world.journal();
    if (world.random().nextInt(4) != 0 || !Files.exists(journal)) {
      return;
    }
    BitFlip flip = BitFlip.draw(journal, world.random());
    if (flip == null) {
      return;
    }
    count("bit flip");
    JournalContents before = JournalContents.read(journal);
    flip.apply();
    try {
      JournalContents after = JournalContents.read(journal);
      if (!after.sameAs(before)) {
        requireNoticed(flip, after);
      }
    } catch (JournalException e) {
      flipsDetected++;
    } finally {
      flip.apply();
    }
  }

  /**
   * Damage at the very end looks like an interrupted write, and is reported as one. After a kill
   * the durable mark tells them apart; after a power loss it may be older than the last batch.
   */
  private void requireNoticed(BitFlip flip, JournalContents after) {
    if (!after.isTorn()) {
      throw new Violation("FlipIsNamed", flip + " went without a word");
    }
    if (!powerWasLost) {
      checkers.requireAcknowledged(after);
    }
    world.trace().note("flip reported as an interrupted write behind record %d", after.last());
  }
}
