package org.micropay.vts.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
 * <p>Of equal calls in a row, such as those that fill a block with zeros, the first, the second and
 * the last are tried. The journal lies in memory where it can: what fails is said here, not by a
 * disk, and a kill leaves the page cache alone.
 *
 * <p>One thread.
 */
final class SyscallSweep implements Attack {
  private static final List<String> FAULTS =
      List.of("error=EIO", "error=ENOSPC", "error=EINTR", "signal=KILL");

  /** mmap is never interrupted, and the JDK has no answer to a kernel that says so. */
  private static final List<String> MAP_FAULTS =
      List.of("error=EIO", "error=ENOSPC", "error=ENOMEM", "signal=KILL");

  private static final int KILLED = 137;
  private static final Pattern LINE = Pattern.compile("^(?:(\\d+) +)?(\\w+)\\((.*)$");

  /** What differs between equal reads or writes in a row: the offset and the result. */
  private static final Pattern OFFSET = Pattern.compile(", \\d+\\) += .*$");

  /** A call of the run: the n-th of this name in its thread. */
  private record Call(String name, int occurrence, String shape) {}

  /** One call, the n-th of its kind on the journal's files, and what is to become of it. */
  private record Point(long number, String call, int occurrence, String fault) {
    @Override
    public String toString() {
      return "%s number %d with %s (point %d)".formatted(call, occurrence, fault, number);
    }
  }

  private final Path folder;
  private final Path journal;
  private final SweepRange range;
  private final TortureCounts counts;
  private final Set<String> paths = new LinkedHashSet<>();
  private final List<Point> points = new ArrayList<>();
  private int next;

  SyscallSweep(Path folder, SweepRange range, TortureCounts counts) {
    this.folder = folder;
    this.journal = folder.resolve("swept");
    this.range = range;
    this.counts = counts;
  }

  @Override
  public String name() {
    return "failing system calls";
  }

  /** Finds all points; gives how many of them the range holds. */
  long prepare() {
    try {
      // Three times: for the archive of classes, for the names of the files, and to count.
      trace("");
      trace("");
      learnPaths();
      trace("");
      List<Call> calls = calls();
      calls.forEach(call -> counts.sweptCalls.merge(call.name(), 1L, Long::sum));
      withoutRepeats(calls).forEach(this::addPoints);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    counts.sweepPoints = points.size();
    points.removeIf(point -> !range.contains(point.number()));
    return points.size();
  }

  /** In drawn order, for a run that is not going to reach the end. */
  void shuffle(long seed) {
    Collections.shuffle(points, new Random(seed));
  }

  private void addPoints(Call call) {
    for (String fault : call.name().equals("mmap") ? MAP_FAULTS : FAULTS) {
      points.add(new Point(points.size() + 1L, call.name(), call.occurrence(), fault));
    }
  }

  private static List<Call> withoutRepeats(List<Call> calls) {
    List<Call> kept = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      String shape = calls.get(i).shape();
      boolean third = i > 1 && shape.equals(calls.get(i - 1).shape());
      third &= i > 1 && shape.equals(calls.get(i - 2).shape());
      boolean last = i + 1 == calls.size() || !shape.equals(calls.get(i + 1).shape());
      if (!third || last) {
        kept.add(calls.get(i));
      }
    }
    return kept;
  }

  /** The names that a run leaves, and those that it uses on the way. */
  private void learnPaths() throws IOException {
    try (Stream<Path> all = Files.walk(journal)) {
      all.map(Path::toString).forEach(paths::add);
    }
    paths.add(journal.resolve("epoch.unfinished").toString());
    paths.add(journal.resolve("epoch.unfinished/epoch").toString());
    paths.add(folder.toString());
  }

  /** What a whole run does to the journal's files, in order. */
  private List<Call> calls() throws IOException {
    Map<String, Integer> made = new HashMap<>();
    List<Call> calls = new ArrayList<>();
    for (String text : Files.readAllLines(folder.resolve("strace.log"))) {
      Matcher line = LINE.matcher(text);
      if (line.matches() && Strace.CALLS.contains(line.group(2))) {
        // strace counts in each thread.
        int occurrence = made.merge(line.group(1) + line.group(2), 1, Integer::sum);
        String shape = line.group(2) + OFFSET.matcher(line.group(3)).replaceFirst("");
        calls.add(new Call(line.group(2), occurrence, shape));
      }
    }
    return calls;
  }

  /** Runs the script from nothing; gives its exit status. */
  private int trace(String inject) throws IOException {
    SimulatedDisk.delete(journal);
    List<String> command = Strace.command(folder.resolve("strace.log"), paths, inject);
    command.addAll(
        ChildProcess.command(folder.resolve("swept.jsa"), VictimScript.class, journal.toString()));
    return Strace.run(command, folder.resolve("swept.err"), folder.resolve("swept.out"));
  }

  @Override
  public void once() throws IOException {
    Point point = points.get(next++ % points.size());
    counts.systemCalls++;
    int status = trace("%s:%s:when=%d".formatted(point.call(), point.fault(), point.occurrence()));
    counts.sweep.merge(
        point.fault().replaceAll(".*=", "") + " " + judge(point, status), 1L, Long::sum);
    compare(point);
  }

  private String judge(Point point, int status) throws IOException {
    List<String> said = Files.readAllLines(folder.resolve("swept.err"));
    // What logging says about itself is not an answer.
    said.removeIf(line -> line.isBlank() || line.startsWith("SLF4J"));
    if (status == 0) {
      return "went on";
    } else if (status == KILLED && point.fault().equals("signal=KILL")) {
      return "killed";
    } else if (status == VictimServer.JOURNAL_FAILURE && said.size() == 1) {
      return "halted";
    }
    throw new Violation(
        "EndsClearly", point + " ended with status " + status + " and said " + said);
  }

  /** The journal comes back, with everything that was acknowledged; and takes more. */
  private void compare(Point point) throws IOException {
    NoDoubleGrant noDoubleGrant = new NoDoubleGrant();
    List<Checker> checkers = List.of(noDoubleGrant, new ReplyImpliesDurable());
    Set<Bytes32> claims = new HashSet<>();
    for (String line : Files.readAllLines(folder.resolve("swept.out"), StandardCharsets.US_ASCII)) {
      String[] words = line.split(" ");
      if (words.length == 4) { // else cut off by a kill
        Answer answer = answer(claims.size() + 1, words);
        if (!answer.isReceipt() || !claims.add(answer.claimId())) {
          throw new Violation(
              "EveryClaimAnswered",
              point + ": " + AnswerCode.ofNumber(answer.code()) + " or twice");
        }
        checkers.forEach(checker -> checker.onAnswer(answer, Long.MAX_VALUE));
      }
    }
    try (JournalFold fold = new JournalFold()) {
      ChronicleJournal.open(JournalPort.config(journal), 1, fold).close();
      JournalContents contents = JournalContents.read(journal);
      checkers.forEach(checker -> checker.onRecovered(contents, null, journal));
    } catch (JournalException e) {
      throw new Violation("RecoveryWorks", "after " + point + ": " + e.getMessage(), e);
    }
    counts.acknowledge(claims.size(), noDoubleGrant.count());
  }

  private static Answer answer(long delivery, String[] words) {
    Claim claim = TortureEscrows.claim(Integer.parseInt(words[0]), Integer.parseInt(words[1]));
    Intent intent = new Intent(0, 0, claim.encode(), claim.terms().outpoint(), claim);
    return new Answer(
        delivery,
        intent,
        Integer.parseInt(words[2]),
        Long.parseLong(words[3]),
        claim.id(),
        new byte[64]);
  }

  @Override
  public void startOver() {
    // Each run begins with nothing.
  }

  @Override
  public String replay() {
    long number = points.get((next - 1) % points.size()).number();
    return "--sweep=" + number + "-" + number;
  }
}
