package org.micropay.vts.merchant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What became of each ticket, for as long as its ask could be used again, and the totals of all
 * before: so that neither replays nor statistics suffer from a crash of the process.
 *
 * <pre>
 *   tickets-000001.log   21 bytes a ticket:  kind u8 | counter u64 | payout u64 | odds u32
 *   totals.json          sums of the logs that are gone, and the number of the last of them
 * </pre>
 *
 * Appended before the content is served, in one write per batch. Not synced: a power loss may
 * forget the last seconds, and then a losing ticket of theirs could buy once more; wins are in
 * {@link ClaimStore}, which is synced. One thread.
 */
final class TicketJournal implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PREFIX = "tickets-";
  private static final int RECORD = 21;
  private static final byte LOST = 1;
  private static final byte WON = 2;
  private static final byte REOPENED_LOST = 3;
  private static final byte REOPENED_WON = 4;
  private static final long MAX_BYTES = 32L << 20;

  private final Path folder;
  private final RedeemedAsks redeemed;
  private final TicketTotals totals = new TicketTotals();
  private final List<Segment> segments = new ArrayList<>();
  private final List<byte[]> pending = new ArrayList<>();
  private RecordLog log;

  /** A log file, the youngest ask in it, and what it counts. */
  private static final class Segment {
    final int number;
    long youngestSecond;
    final TicketTotals totals = new TicketTotals();

    Segment(int number) {
      this.number = number;
    }
  }

  /** Totals of logs that are removed. */
  private TicketTotals archived = new TicketTotals();

  private TicketJournal(Path folder, RedeemedAsks redeemed) {
    this.folder = folder;
    this.redeemed = redeemed;
  }

  /** Reads what is there; used asks go to {@code redeemed}. */
  static TicketJournal open(Path folder, RedeemedAsks redeemed) {
    TicketJournal journal = new TicketJournal(folder, redeemed);
    try {
      Files.createDirectories(folder);
      journal.recover();
      return journal;
    } catch (IOException e) {
      throw new MerchantStorageException(folder + ": " + e.getMessage(), e);
    }
  }

  private void recover() throws IOException {
    int through = readTotals();
    List<Integer> numbers = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .map(f -> f.getFileName().toString())
          .filter(n -> n.matches(PREFIX + "\\d{6}\\.log"))
          .map(n -> Integer.parseInt(n.substring(PREFIX.length(), PREFIX.length() + 6)))
          .sorted()
          .forEach(numbers::add);
    }
    for (int number : numbers) {
      if (number <= through) {
        Files.delete(file(number));
        continue;
      }
      Segment segment = new Segment(number);
      segments.add(segment);
      if (log != null) {
        log.close();
      }
      log = RecordLog.open(file(number), record -> apply(segment, record));
    }
    if (log == null) {
      roll(through + 1);
    }
  }

  private Path file(int number) {
    return folder.resolve(PREFIX + "%06d.log".formatted(number));
  }

  private void roll(int number) {
    if (log != null) {
      log.close();
    }
    Segment segment = new Segment(number);
    segments.add(segment);
    log = RecordLog.open(file(number), record -> apply(segment, record));
  }

  private void apply(Segment segment, ByteBuffer record) {
    byte kind = record.get();
    long counter = record.getLong();
    TicketClass type = new TicketClass(record.getLong(), record.getInt());
    boolean won = kind == WON || kind == REOPENED_WON;
    boolean reopened = kind == REOPENED_LOST || kind == REOPENED_WON;
    if (reopened) {
      redeemed.reopen(counter);
    } else {
      redeemed.redeem(counter);
    }
    count(segment, counter, type, won, reopened ? -1 : 1);
  }

  private void count(Segment segment, long counter, TicketClass type, boolean won, int sign) {
    segment.youngestSecond = Math.max(segment.youngestSecond, AskCounter.secondOf(counter));
    segment.totals.count(type, won, sign);
    totals.count(type, won, sign);
  }

  /** Notes a ticket that was taken; on disk with the next {@link #flush}. */
  void taken(long counter, TicketClass type, boolean won) {
    note(won ? WON : LOST, counter, type);
    count(segments.getLast(), counter, type, won, 1);
  }

  /** Notes that the content could not be had, so that the ticket is good again. */
  void reopened(long counter, TicketClass type, boolean won) {
    note(won ? REOPENED_WON : REOPENED_LOST, counter, type);
    count(segments.getLast(), counter, type, won, -1);
  }

  private void note(byte kind, long counter, TicketClass type) {
    pending.add(
        ByteBuffer.allocate(RECORD)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(kind)
            .putLong(counter)
            .putLong(type.payout())
            .putInt(type.odds())
            .array());
  }

  /** Hands what was noted to the operating system. */
  void flush() throws IOException {
    if (!pending.isEmpty()) {
      log.append(pending);
      pending.clear();
    }
  }

  /** Statistics of all tickets ever taken. */
  Supplier<RevenueStatistics> statistics() {
    return totals.statistics();
  }

  /** Starts a new file now and then, and removes those whose asks are all too old to be used. */
  void tidy(long oldestSecond) throws IOException {
    flush();
    Segment current = segments.getLast();
    boolean old = current.youngestSecond > 0 && current.youngestSecond < oldestSecond;
    if (old || log.length() > MAX_BYTES) {
      roll(current.number + 1);
    }
    while (segments.size() > 1 && segments.getFirst().youngestSecond < oldestSecond) {
      archive(segments.removeFirst());
    }
  }

  private void archive(Segment segment) throws IOException {
    segment.totals.classes().forEach((type, n) -> archived.add(type, n[0], n[1]));
    double[] others = archived.others();
    double[] more = segment.totals.others();
    for (int i = 0; i < others.length; i++) {
      others[i] += more[i];
    }
    archived.setOthers(others);
    writeTotals(segment.number);
    Files.delete(file(segment.number));
  }

  private Path totalsFile() {
    return folder.resolve("totals.json");
  }

  private void writeTotals(int through) throws IOException {
    ObjectNode json = JSON.createObjectNode();
    json.put("through", through);
    ArrayNode classes = json.putArray("classes");
    for (Map.Entry<TicketClass, long[]> entry : archived.classes().entrySet()) {
      classes
          .addObject()
          .put("payout", entry.getKey().payout())
          .put("odds", entry.getKey().odds())
          .put("tickets", entry.getValue()[0])
          .put("wins", entry.getValue()[1]);
    }
    ArrayNode others = json.putArray("others");
    for (double value : archived.others()) {
      others.add(value);
    }
    Path partial = folder.resolve("totals.json.new");
    Files.write(partial, JSON.writeValueAsBytes(json));
    try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(
        partial, totalsFile(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    RecordLog.forceDirectory(folder);
  }

  private int readTotals() throws IOException {
    if (!Files.exists(totalsFile())) {
      return 0;
    }
    JsonNode json = JSON.readTree(Files.readAllBytes(totalsFile()));
    for (JsonNode line : json.path("classes")) {
      TicketClass type = new TicketClass(line.path("payout").asLong(), line.path("odds").asInt());
      archived.add(type, line.path("tickets").asLong(), line.path("wins").asLong());
    }
    double[] others = archived.others();
    for (int i = 0; i < others.length; i++) {
      others[i] += json.path("others").path(i).asDouble();
    }
    archived.setOthers(others);
    archived.classes().forEach((type, n) -> totals.add(type, n[0], n[1]));
    totals.setOthers(archived.others());
    return json.path("through").asInt();
  }

  @Override
  public void close() {
    try {
      flush();
    } catch (IOException e) {
      throw new MerchantStorageException(log.file() + ": " + e.getMessage(), e);
    } finally {
      log.close();
    }
  }
}
