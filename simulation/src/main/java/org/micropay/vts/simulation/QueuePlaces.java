package org.micropay.vts.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What stands at an offset of a Chronicle Queue file whose bit has been turned. Stateless. */
final class QueuePlaces {
  private static final int META_DATA = 0x40000000;
  private static final int NOT_COMPLETE = 0x80000000;
  private static final int END_OF_FILE = NOT_COMPLETE | META_DATA;
  private static final int HEADER = 4;

  private QueuePlaces() {}

  /** A record's document: its header word and its frame. */
  record Span(Path file, long from, long to) {}

  /** The records of a whole file. */
  static List<Span> records(Path file) {
    ByteBuffer bytes = read(file);
    List<Span> spans = new ArrayList<>();
    int at = 0;
    while (at + HEADER <= bytes.capacity()) {
      int header = bytes.getInt(at);
      if (header == 0 || header == END_OF_FILE) {
        break;
      }
      int end = at + HEADER + (header & ~(META_DATA | NOT_COMPLETE));
      if ((header & META_DATA) == 0) {
        spans.add(new Span(file, at, end));
      }
      at = (end + 3) & ~3;
    }
    return spans;
  }

  private static ByteBuffer read(Path file) {
    try {
      return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Words for the place when a replay reads nothing there; empty inside a record's document. */
  static String of(Path file, long offset) {
    ByteBuffer bytes = read(file);
    int at = 0;
    while (at + HEADER <= bytes.capacity()) {
      int header = bytes.getInt(at);
      if (header == 0 || header == END_OF_FILE) {
        break;
      }
      boolean record = (header & META_DATA) == 0;
      int length = header & ~(META_DATA | NOT_COMPLETE);
      int end = at + HEADER + length;
      int next = (end + 3) & ~3;
      if (offset >= at && offset < next) {
        return record && offset < end ? "" : "Chronicle's header and index documents";
      }
      at = next;
    }
    return offset >= at + HEADER
        ? "space behind the last record"
        : "the mark behind the last record";
  }
}
