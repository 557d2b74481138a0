package org.micropay.vts.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an archive holds: {@code manifest.jsonl}, a JSON object a line for each file, in order of
 * positions. The digests let the archive be checked without this program ({@code zcat |
 * sha256sum}).
 */
final class ArchiveManifest {
  private static final Pattern LINE =
      Pattern.compile(
          "\\{\"file\":\"([^\"]+)\",\"first\":(\\d+),\"last\":(\\d+),\"last_millis\":(\\d+),"
              + "\"bytes\":(\\d+),\"stored_bytes\":(\\d+),\"sha256\":\"([0-9a-f]{64})\","
              + "\"chain\":\"([0-9a-f]{64})\"\\}");

  private final Path file;

  ArchiveManifest(Path archive) {
    file = archive.resolve("manifest.jsonl");
  }

  /** The entries, by position. */
  List<JournalArchive.Moved> entries() {
    try {
      List<JournalArchive.Moved> entries = read();
      entries.sort(Comparator.comparingLong(JournalArchive.Moved::first));
      return entries;
    } catch (IOException e) {
      throw JournalException.corrupt(
          "this manifest cannot be read: " + e.getMessage(), 0, file.toString(), 0);
    }
  }

  List<JournalArchive.Moved> read() throws IOException {
    List<JournalArchive.Moved> entries = new ArrayList<>();
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
    } catch (NoSuchFileException e) {
      return entries;
    }
    for (String line : lines) {
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw new IOException(file + " has a line that is not its own: " + line);
      }
      entries.add(
          new JournalArchive.Moved(
              matcher.group(1),
              Long.parseLong(matcher.group(2)),
              Long.parseLong(matcher.group(3)),
              Long.parseLong(matcher.group(4)),
              Long.parseLong(matcher.group(5)),
              Long.parseLong(matcher.group(6)),
              matcher.group(7),
              matcher.group(8)));
    }
    return entries;
  }

  /** Adds an entry, or puts it in place of one of the same file. */
  void add(JournalArchive.Moved moved) throws IOException {
    List<JournalArchive.Moved> entries = read();
    entries.removeIf(entry -> entry.first() == moved.first());
    entries.add(moved);
    StringBuilder text = new StringBuilder();
    for (JournalArchive.Moved entry : entries) {
      text.append(
          String.format(
              Locale.ROOT,
              "{\"file\":\"%s\",\"first\":%d,\"last\":%d,\"last_millis\":%d,\"bytes\":%d,"
                  + "\"stored_bytes\":%d,\"sha256\":\"%s\",\"chain\":\"%s\"}%n",
              entry.file(),
              entry.first(),
              entry.last(),
              entry.lastMillis(),
              entry.bytes(),
              entry.storedBytes(),
              entry.sha256(),
              entry.chain()));
    }
    DurableFiles.replace(file, text.toString().getBytes(StandardCharsets.US_ASCII));
  }
}
