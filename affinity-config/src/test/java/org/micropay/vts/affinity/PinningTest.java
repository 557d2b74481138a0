package org.micropay.vts.affinity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;
import org.junit.jupiter.api.Test;

class PinningTest {

  @Test
  void shouldPinTheCallingThreadAndGiveItBack() throws InterruptedException {
    SortedSet<Integer> before = Pinning.currentThread();
    AtomicReference<Object> outcome = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              for (int cpu : before) {
                Pinning.pinCurrentThread(cpu);
                outcome.set(Pinning.currentThread().equals(Set.of(cpu)) ? "pinned" : "not " + cpu);
              }
              Pinning.setCurrentThread(before);
              if (!Pinning.currentThread().equals(before)) {
                outcome.set("not given back");
              }
            });
    thread.start();
    thread.join();
    assertEquals("pinned", outcome.get());
    assertEquals(before, Pinning.currentThread(), "another thread's pinning reached this one");
  }

  @Test
  void shouldSayWhyAThreadCannotBePinned() throws InterruptedException {
    SortedSet<Integer> before = Pinning.currentThread();
    assertMessage("outside the cpuset", () -> Pinning.pinCurrentThread(8000));
    assertMessage("there is no CPU -1", () -> Pinning.pinCurrentThread(-1));
    assertMessage("there is no CPU 9000", () -> Pinning.pinCurrentThread(9000));
    assertMessage("at least one", () -> Pinning.setCurrentThread(List.of()));
    assertEquals(before, Pinning.currentThread());
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                Pinning.pinCurrentThread(0);
              } catch (AffinityException e) {
                thrown.set(e);
              }
            })
        .join();
    assertTrue(thrown.get().getMessage().contains("virtual"), thrown.get().getMessage());
  }

  private static void assertMessage(String part, Runnable call) {
    String message = assertThrows(AffinityException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void shouldMapIdleModes() {
    assertInstanceOf(BusySpinIdleStrategy.class, IdleMode.BUSY_SPIN.newStrategy());
    assertInstanceOf(YieldingIdleStrategy.class, IdleMode.YIELD.newStrategy());
    assertInstanceOf(BackoffIdleStrategy.class, IdleMode.BACKOFF.newStrategy());
  }
}
