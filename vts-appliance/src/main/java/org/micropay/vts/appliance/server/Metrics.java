package org.micropay.vts.appliance.server;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.micropay.vts.appliance.log.TransparencyLog;
import org.micropay.vts.journal.Journal;
import org.micropay.vts.ledger.LedgerView;
import org.micropay.vts.pipeline.PipelineCounters;
import org.micropay.vts.pipeline.StageCounters;
import org.micropay.vts.settlement.Alarm;
import org.micropay.vts.settlement.ChainCode;
import org.micropay.vts.settlement.Settlement;
import org.micropay.vts.ticket.AnswerCode;

/**
 * The server's numbers for Prometheus. Reads counters that others keep; adds nothing to the ring's
 * path.
 */
final class Metrics implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();

  Metrics() {
    new JvmMemoryMetrics().bindTo(registry);
    gc.bindTo(registry);
  }

  void answers(AnswerCounters answers) {
    for (AnswerCode code : AnswerCode.values()) {
      FunctionCounter.builder("vts.answers", answers, counters -> counters.of(code))
          .description("Answers given, by code")
          .tag("code", code.name())
          .register(registry);
    }
  }

  void pipeline(PipelineCounters counters) {
    Gauge.builder("vts.ring.depth", counters, PipelineCounters::queueDepth)
        .description("Slots on the ring that are not answered yet")
        .register(registry);
    Gauge.builder("vts.ring.size", counters, PipelineCounters::ringSize)
        .description("Slots of the ring")
        .register(registry);
    FunctionCounter.builder("vts.ring.overloaded", counters, PipelineCounters::overloaded)
        .description("Claims refused because the ring was full")
        .register(registry);
    Gauge.builder("vts.service.rate", counters, PipelineCounters::serviceRatePerSecond)
        .description("Slots per second finished while busy")
        .register(registry);
    Gauge.builder("vts.journal.below.reserve", counters, c -> c.diskReserveReached() ? 1 : 0)
        .description("1 when free disk space is below the reserve and nothing is granted")
        .register(registry);
    for (StageCounters stage : counters.stages()) {
      FunctionCounter.builder("vts.stage.slots", stage, StageCounters::slots)
          .description("Slots that a stage has handled")
          .tag("stage", stage.stage())
          .register(registry);
      FunctionCounter.builder("vts.stage.busy.seconds", stage, s -> s.busyNanos() / 1e9)
          .description("Time that a stage spent in rounds that found work")
          .tag("stage", stage.stage())
          .register(registry);
    }
  }

  void ledger(LedgerView ledger, long bytes) {
    Gauge.builder("vts.ledger.escrows", ledger, LedgerView::escrowCount)
        .description("Live escrows")
        .register(registry);
    Gauge.builder("vts.ledger.capacity", ledger, view -> view.policy().escrowCapacity())
        .description("Escrows that the ledger holds at most")
        .register(registry);
    Gauge.builder("vts.ledger.bytes", () -> bytes)
        .description("Memory of the ledger outside the heap")
        .baseUnit("bytes")
        .register(registry);
    Gauge.builder("vts.chain.height", ledger, view -> view.tip().height())
        .description("Height of the chain's tip as the ledger knows it")
        .register(registry);
    Gauge.builder(
            "vts.chain.seen.seconds",
            ledger,
            view -> (System.currentTimeMillis() - view.tip().seenMillis()) / 1000.0)
        .description("Time since the ledger last heard of the chain")
        .register(registry);
  }

  void journal(Journal journal) {
    Gauge.builder("vts.journal.durable.position", journal, Journal::durablePosition)
        .description("Last journal record known to be on disk")
        .register(registry);
  }

  void log(TransparencyLog log) {
    Gauge.builder("vts.log.leaves", log, l -> l.status().leaves())
        .description("Grants and double-spends that the log's publisher has read")
        .register(registry);
    Gauge.builder("vts.log.size", log, l -> l.status().size())
        .description("Leaves that the shown checkpoint covers")
        .register(registry);
    Gauge.builder("vts.log.trouble", log, l -> l.status().trouble() == null ? 0 : 1)
        .description("1 when the log's folder or a witness fails; see the status")
        .register(registry);
  }

  void keeper(JournalKeeper keeper) {
    Gauge.builder("vts.journal.snapshot.position", keeper, JournalKeeper::snapshotPosition)
        .description("Journal record up to which the newest snapshot goes; 0 without one")
        .register(registry);
    FunctionCounter.builder("vts.journal.keeper.failures", keeper, JournalKeeper::failures)
        .description("Anchors, snapshots and archivings that failed; the log says why")
        .register(registry);
  }

  void settlement(Supplier<Settlement.Status> status) {
    for (Alarm alarm : Alarm.values()) {
      Gauge.builder(
              "vts.settlement.alarm", status, s -> s.get().alarms().containsKey(alarm) ? 1 : 0)
          .description("1 while the operator should look at it")
          .tag("alarm", alarm.name())
          .strongReference(true)
          .register(registry);
    }
    // A counter holds its source weakly; the gauges around hold this one.
    FunctionCounter.builder("vts.chain.hints.lost", status, s -> s.get().hintsLost())
        .description(
            "Notifications of the node that are known to be lost; polling makes up for them")
        .register(registry);
    settlementGauge("claims.waiting", "Claims that wait for a batch", status, s -> s.waiting());
    settlementGauge(
        "claims.in.flight", "Claims in batches not mined", status, s -> s.totals().inFlight());
    settlementGauge("claims.settled", "Claims in final batches", status, s -> s.totals().settled());
    settlementGauge("claims.lost", "Claims lost", status, s -> s.totals().lost());
    settlementGauge(
        "fees.satoshi", "Fees of mined batches", status, s -> s.totals().account().fees());
    settlementGauge(
        "wallet.satoshi", "Confirmed satoshi of the fee wallet", status, s -> s.walletBalance());
    settlementGauge("paused", "1 while the operator has paused", status, s -> s.paused() ? 1 : 0);
  }

  private void settlementGauge(
      String name,
      String description,
      Supplier<Settlement.Status> status,
      ToDoubleFunction<Settlement.Status> value) {
    Gauge.builder("vts.settlement." + name, status, s -> value.applyAsDouble(s.get()))
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  void readiness(Supplier<Readiness> readiness) {
    List<String> codes = new ArrayList<>();
    for (ReadinessCode code : ReadinessCode.values()) {
      codes.add(code.name());
    }
    for (ChainCode code : ChainCode.values()) {
      if (code != ChainCode.SYNCED) {
        codes.add(code.name());
      }
    }
    for (String code : codes) {
      Gauge.builder("vts.not.ready", readiness, r -> r.get().codes().contains(code) ? 1 : 0)
          .description("1 while this keeps good claims from being granted")
          .tag("reason", code)
          .strongReference(true)
          .register(registry);
    }
  }

  String scrape() {
    return registry.scrape();
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }
}
