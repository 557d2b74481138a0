package org.micropay.vts.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;

/**
 * Runs {@link VictimScript} under strace once for each system call that it makes on the journal's
 * files and for each way in which that call can fail, and compares what it had acknowledged with
 * the journal that is left. The process must have gone on to its end, or have ended with a line
 * that says why and the exit status of a journal failure; killed, it may have ended anywhere.
 *
 * <p>One thread.
 */
final class SyscallSweep {
  private static final List<String> CALLS =
      List.of(
          "write",
          "pwrite64",
          "pread64",
          "fsync",
          "fdatasync",
          "msync",
          "rename",
          "mkdir",
          "unlink",
          "rmdir",
          "mmap",
          "fallocate",
          "ftruncate",
          "openat");

  private static final List<String> FAULTS =
      List.of("error=EIO", "error=ENOSPC", "error=EINTR", "signal=KILL");

  private static final int KILLED = 137;

  private final Path folder;
  private final Path journal;
  private final Path archive;
  private final TortureCounts counts;
  private final TortureProgress progress;

  SyscallSweep(Path folder, TortureCounts counts, TortureProgress progress) {
    this.folder = folder;
    this.journal = folder.resolve("swept");
    this.archive = folder.resolve("swept.jsa");
    this.counts = counts;
    this.progress = progress;
  }

  /** strace is there and may trace. */
  static boolean isPossible() {
    try {
      return run(List.of(strace(), "-o", "/dev/null", "true"), Path.of("/dev/null")) == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static String strace() {
    return System.getProperty("vts.strace", "strace");
  }

  /** One call, the n-th of its kind on the journal's files, and what is to become of it. */
  private record Fault(String call, int occurrence, String what) {}

  /** Sweeps over everything. */
  void run() {
    try {
      // Twice: the first run makes the archive of classes.
      trace(List.of());
      Map<String, Integer> made = count();
      List<Fault> faults = new ArrayList<>();
      made.forEach(
          (call, times) -> {
            for (int n = 1; n <= times; n++) {
              for (String what : FAULTS) {
                faults.add(new Fault(call, n, what));
              }
            }
          });
      TortureProgress.Step step = progress.begin("system calls", faults.size());
      for (Fault fault : faults) {
        inject(fault);
        step.advance(1);
      }
      step.done(made + ", " + counts.sweep);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Which calls a whole run makes on the journal's files, and how often. */
  private Map<String, Integer> count() throws IOException {
    Path log = trace(List.of());
    Pattern line = Pattern.compile("^(?:\\d+ +)?(\\w+)\\(.*");
    Map<String, Integer> made = new LinkedHashMap<>();
    for (String text : Files.readAllLines(log)) {
      Matcher matcher = line.matcher(text);
      if (matcher.matches() && CALLS.contains(matcher.group(1))) {
        made.merge(matcher.group(1), 1, Integer::sum);
      }
    }
    return made;
  }

  private void inject(Fault fault) throws IOException {
    String inject =
        "inject=%s:%s:when=%d".formatted(fault.call(), fault.what(), fault.occurrence());
    int status = status(trace(List.of("-e", inject)));
    List<String> said = Files.readAllLines(folder.resolve("swept.err"));
    // What logging says about itself is not an answer.
    said.removeIf(line -> line.isBlank() || line.startsWith("SLF4J"));
    String outcome;
    if (status == 0) {
      outcome = "went on";
    } else if (status == KILLED && fault.what().equals("signal=KILL")) {
      outcome = "killed";
    } else if (status == VictimServer.JOURNAL_FAILURE && said.size() == 1) {
      outcome = "halted";
    } else {
      throw new Violation(
          "EndsClearly", fault + " ended with status " + status + " and said " + said);
    }
    counts.systemCalls++;
    counts.sweep.merge(fault.what().replaceAll(".*=", "") + " " + outcome, 1L, Long::sum);
    compare(fault);
  }

  private int lastStatus;

  private int status(Path ignored) {
    return lastStatus;
  }

  /** Runs the script from nothing; gives the log. */
  private Path trace(List<String> more) throws IOException {
    SimulatedDisk.delete(journal);
    Path log = folder.resolve("strace.log");
    List<String> command = new ArrayList<>(List.of(strace(), "-f", "-qq", "-o", log.toString()));
    command.addAll(List.of("-e", "trace=" + String.join(",", CALLS)));
    for (String path : paths) {
      command.addAll(List.of("-P", path));
    }
    command.addAll(more);
    command.addAll(ChildProcess.command(archive, VictimScript.class, journal.toString()));
    lastStatus = run(command, folder.resolve("swept.err"), folder.resolve("swept.out"));
    if (paths.isEmpty()) {
      learnPaths();
      return trace(more);
    }
    return log;
  }

  private final Set<String> paths = new LinkedHashSet<>();

  /** The names that a run leaves, and those that it uses on the way. */
  private void learnPaths() throws IOException {
    try (Stream<Path> all = Files.walk(journal)) {
      all.map(Path::toString).forEach(paths::add);
    }
    paths.add(journal.resolve("epoch.unfinished").toString());
    paths.add(journal.resolve("epoch.unfinished/epoch").toString());
    paths.add(folder.toString());
  }

  private static int run(List<String> command, Path err) throws IOException {
    return run(command, err, Path.of("/dev/null"));
  }

  private static int run(List<String> command, Path err, Path out) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectError(err.toFile())
            .redirectOutput(out.toFile())
            .start();
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted during the sweep", e);
    }
  }

  /** The journal comes back, with everything that was acknowledged; and takes more. */
  private void compare(Fault fault) throws IOException {
    List<Checker> checkers = List.of(new NoDoubleGrant(), new ReplyImpliesDurable());
    Map<Long, Answer> answers = new HashMap<>();
    long delivery = 0;
    for (String line : Files.readAllLines(folder.resolve("swept.out"), StandardCharsets.US_ASCII)) {
      String[] words = line.split(" ");
      if (words.length < 4) {
        continue; // Cut off by a kill.
      }
      Claim claim = TortureEscrows.claim(Integer.parseInt(words[0]), Integer.parseInt(words[1]));
      Intent intent = new Intent(0, 0, claim.encode(), claim.terms().outpoint(), claim);
      Answer answer =
          new Answer(
              ++delivery,
              intent,
              Integer.parseInt(words[2]),
              Long.parseLong(words[3]),
              claim.id(),
              new byte[64]);
      checkers.forEach(checker -> checker.onAnswer(answer, Long.MAX_VALUE));
      answers.put(delivery, answer);
      if (!answer.isReceipt()) {
        throw new Violation(
            "EveryClaimAnswered", fault + ": " + AnswerCode.ofNumber(answer.code()));
      }
    }
    try (JournalFold fold = new JournalFold()) {
      ChronicleJournal.open(VictimJournal.config(journal), 1, fold).close();
      JournalContents contents = JournalContents.read(journal);
      checkers.forEach(checker -> checker.onRecovered(contents, null, journal));
    } catch (JournalException e) {
      throw new Violation(
          "RecoveryWorks", String.format(Locale.ROOT, "after %s: %s", fault, e.getMessage()), e);
    }
    counts.acknowledged += answers.size();
    require(answers.values().stream().map(Answer::claimId).distinct().count() == answers.size());
  }

  private static void require(boolean distinct) {
    if (!distinct) {
      throw new Violation("EveryClaimAnswered", "one claim was answered twice, " + Bytes32.ZERO);
    }
  }
}
