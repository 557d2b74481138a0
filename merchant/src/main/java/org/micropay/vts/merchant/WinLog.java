package org.micropay.vts.merchant;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;

/**
 * The files of {@link ClaimStore}, numbered; the highest is written to.
 *
 * <pre>
 *   wins-000001.log, wins-000002.log, ...   records in {@link RecordLog}'s frames
 *
 *   1 | wonAtMillis u64 | claim (365 to 377)
 *   2 | answeredAtMillis u64 | claimId 32 | code u16 | position u64 | signature 64
 *   3 | rolledAtMillis u64 | wins u64 | won u64 | granted u64 | refused u64 | (code u16 | n u64)*
 * </pre>
 *
 * A full file is followed by one that begins with the sums of all winners that are answered (3),
 * and the winners that are not (1): so a start reads two files, however many there are. The new
 * file is complete and synced under another name before it gets its own. Files before the last two
 * serve {@link #forEach} only, and may be moved away. One thread writes.
 */
final class WinLog implements AutoCloseable {
  private static final String NAME = "wins-%06d.log";
  private static final String PATTERN = "wins-\\d{6}\\.log";
  private static final String FIRST_NAME = "wins.log";
  private static final byte WIN = 1;
  private static final byte ANSWER = 2;
  private static final byte SUMS = 3;
  private static final int ANSWER_BYTES = 1 + 8 + 32 + 2 + 8 + 64;

  private final Path folder;
  private int number;
  private RecordLog log;

  /** What the records say, in their order. */
  interface Reader {
    /** A winner was stored. */
    void won(Claim claim, long millis);

    /** The VTS answered for good. */
    void answered(ClaimReply reply, long millis);

    /** A file begins: sums of the answered winners; those that are not follow. */
    void rolled(ClaimTotals.Summary answered);
  }

  private WinLog(Path folder, int number, RecordLog log) {
    this.folder = folder;
    this.number = number;
    this.log = log;
  }

  /** Opens or makes the files and reads the last two. */
  static WinLog open(Path folder, Reader reader) {
    try {
      Files.createDirectories(folder);
      List<Integer> numbers = numbers(folder);
      if (numbers.isEmpty() && Files.exists(folder.resolve(FIRST_NAME))) {
        Files.move(folder.resolve(FIRST_NAME), file(folder, 1), StandardCopyOption.ATOMIC_MOVE);
        numbers = List.of(1);
      }
      int last = numbers.isEmpty() ? 1 : numbers.getLast();
      if (numbers.size() > 1) {
        RecordLog.read(
            file(folder, numbers.get(numbers.size() - 2)), record -> tell(record, reader));
      }
      return new WinLog(
          folder, last, RecordLog.open(file(folder, last), record -> tell(record, reader)));
    } catch (IOException e) {
      throw new MerchantStorageException(folder + ": " + e.getMessage(), e);
    }
  }

  private static Path file(Path folder, int number) {
    return folder.resolve(NAME.formatted(number));
  }

  private static List<Integer> numbers(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches(PATTERN))
          .map(name -> Integer.parseInt(name.substring(5, 11)))
          .sorted()
          .toList();
    }
  }

  /**
   * Reads every file that is there, also beside a merchant that writes.
   *
   * @throws MerchantStorageException when one cannot be read or is damaged
   */
  static void forEach(Path folder, Reader reader) {
    try {
      for (int number : numbers(folder)) {
        RecordLog.read(file(folder, number), record -> tell(record, reader));
      }
    } catch (IOException e) {
      throw new MerchantStorageException(folder + ": " + e.getMessage(), e);
    }
  }

  static byte[] win(Claim claim, long millis) {
    byte[] encoded = claim.encode();
    return begin(WIN, millis, encoded.length).put(encoded).array();
  }

  static byte[] answer(Bytes32 claimId, ClaimReply reply, long millis) {
    return begin(ANSWER, millis, ANSWER_BYTES - 9)
        .put(claimId.toArray())
        .putShort((short) reply.code().number())
        .putLong(reply.position())
        .put(reply.counterSignature().map(CompactSignature::toArray).orElse(new byte[64]))
        .array();
  }

  private static byte[] sums(ClaimTotals.Summary answered, long millis) {
    ByteBuffer record = begin(SUMS, millis, 4 * Long.BYTES + 10 * answered.answers().size());
    record.putLong(answered.wins()).putLong(answered.wonSatoshi());
    record.putLong(answered.grantedSatoshi()).putLong(answered.refusedSatoshi());
    answered.answers().forEach((code, n) -> record.putShort((short) code.number()).putLong(n));
    return record.array();
  }

  private static ByteBuffer begin(byte kind, long millis, int more) {
    return ByteBuffer.allocate(1 + Long.BYTES + more)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(kind)
        .putLong(millis);
  }

  /** Hands one record on. */
  static void tell(ByteBuffer record, Reader reader) {
    byte kind = record.get();
    long millis = record.getLong();
    switch (kind) {
      case WIN -> {
        byte[] claim = new byte[record.remaining()];
        record.get(claim);
        reader.won(Claim.decode(claim), millis);
      }
      case ANSWER -> reader.answered(reply(record), millis);
      case SUMS -> reader.rolled(readSums(record));
      default -> throw new MerchantStorageException("a record of kind " + kind + " is not known");
    }
  }

  private static ClaimReply reply(ByteBuffer record) {
    byte[] id = new byte[Bytes32.LENGTH];
    byte[] signature = new byte[CompactSignature.LENGTH];
    record.get(id);
    AnswerCode code = AnswerCode.ofNumber(record.getShort() & 0xFFFF);
    long position = record.getLong();
    record.get(signature);
    return new ClaimReply(
        code,
        Bytes32.of(id),
        position,
        code == AnswerCode.GRANTED ? Optional.of(CompactSignature.of(signature)) : Optional.empty(),
        0);
  }

  private static ClaimTotals.Summary readSums(ByteBuffer record) {
    long wins = record.getLong();
    long won = record.getLong();
    long granted = record.getLong();
    long refused = record.getLong();
    Map<AnswerCode, Long> answers = new EnumMap<>(AnswerCode.class);
    while (record.hasRemaining()) {
      answers.put(AnswerCode.ofNumber(record.getShort() & 0xFFFF), record.getLong());
    }
    return new ClaimTotals.Summary(wins, won, granted, refused, won - granted - refused, answers);
  }

  /** Appends and syncs. */
  void append(List<byte[]> records) throws IOException {
    log.append(records);
    log.force();
  }

  /** Begins the next file with what a start needs. */
  void roll(ClaimTotals.Summary answered, List<StoredClaim> pending, long millis)
      throws IOException {
    int next = number + 1;
    Path partial = folder.resolve(NAME.formatted(next) + ".new");
    Files.deleteIfExists(partial);
    List<byte[]> records = new ArrayList<>();
    records.add(sums(answered, millis));
    pending.forEach(stored -> records.add(win(stored.claim(), stored.wonAtMillis())));
    try (RecordLog begun = RecordLog.open(partial, none())) {
      begun.append(records);
      begun.force();
    }
    Files.move(partial, file(folder, next), StandardCopyOption.ATOMIC_MOVE);
    RecordLog.forceDirectory(folder);
    log.close();
    log = RecordLog.open(file(folder, next), none());
    number = next;
  }

  private static Consumer<ByteBuffer> none() {
    return record -> {};
  }

  /** Bytes in the file that is written to. */
  long length() {
    return log.length();
  }

  Path file() {
    return log.file();
  }

  @Override
  public void close() {
    log.close();
  }
}
