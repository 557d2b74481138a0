package org.micropay.vts.appliance.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.micropay.vts.affinity.CpuTopology;
import org.micropay.vts.affinity.IdleMode;
import org.micropay.vts.affinity.Pinning;
import org.micropay.vts.affinity.Stage;
import org.micropay.vts.affinity.StageOverrides;
import org.micropay.vts.affinity.StagePlan;
import org.micropay.vts.affinity.ThreadPlan;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.pipeline.StagePlacement;

/** Turns the machine's topology and the operator's wishes into the pipeline's threads. */
public final class ThreadPlanning {
  private ThreadPlanning() {}

  /** The plan for this machine. */
  public static StagePlan plan(ApplianceConfig.Threads threads) {
    return StagePlan.forTopology(CpuTopology.read(), overrides(threads));
  }

  private static StageOverrides overrides(ApplianceConfig.Threads threads) {
    return new StageOverrides(
        threads.verify(),
        threads.sign(),
        threads.workerCpus(),
        threads.decideCpu(),
        threads.journalCpu(),
        threads.replyCpu(),
        threads.idle() == null ? null : IdleMode.valueOf(threads.idle().toUpperCase(Locale.ROOT)),
        threads.pin());
  }

  /** The plan's threads that run stages of the ring; the others are the appliance's own. */
  public static List<StagePlacement> placements(StagePlan plan) {
    List<StagePlacement> placements = new ArrayList<>();
    for (ThreadPlan thread : plan.threads()) {
      List<String> stages =
          thread.stages().stream()
              .map(ThreadPlanning::ringStage)
              .filter(name -> !name.isEmpty())
              .toList();
      if (!stages.isEmpty()) {
        placements.add(
            new StagePlacement(
                thread.name(), stages, thread.idle().newStrategy(), pinning(plan, thread)));
      }
    }
    return placements;
  }

  private static Runnable pinning(StagePlan plan, ThreadPlan thread) {
    if (thread.pinned()) {
      return () -> Pinning.pinCurrentThread(thread.cpu());
    }
    return () -> Pinning.setCurrentThread(plan.sharedCpus());
  }

  /** The pipeline's name of a stage; empty for one that is not on the ring. */
  private static String ringStage(Stage stage) {
    return switch (stage.kind()) {
      case VERIFY -> "verify-" + stage.index();
      case DECIDE -> "decide";
      case JOURNAL -> "journal";
      case SIGN -> "sign-" + stage.index();
      case REPLY -> "reply";
      case INGRESS, SETTLEMENT, HOUSEKEEPING -> "";
    };
  }
}
