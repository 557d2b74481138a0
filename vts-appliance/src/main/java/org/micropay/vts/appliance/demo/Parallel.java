package org.micropay.vts.appliance.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** The same work on many things at once. */
final class Parallel {
  private Parallel() {}

  /** Runs {@code work} on every item, so many at a time; throws what the first failure threw. */
  static <T> void forEach(List<T> items, int atOnce, Consumer<T> work) {
    try (ExecutorService executor =
        Executors.newFixedThreadPool(
            atOnce, Thread.ofPlatform().daemon().name("demo-", 0).factory())) {
      List<Future<?>> futures = new ArrayList<>();
      for (T item : items) {
        futures.add(executor.submit(() -> work.accept(item)));
      }
      try {
        for (Future<?> future : futures) {
          future.get();
        }
      } catch (ExecutionException e) {
        executor.shutdownNow();
        throw e.getCause() instanceof RuntimeException known
            ? known
            : new IllegalStateException(e.getCause());
      } catch (InterruptedException e) {
        executor.shutdownNow();
        Thread.currentThread().interrupt();
        throw new DemoException("interrupted", e);
      }
    }
  }
}
