package org.micropay.vts.appliance.server;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.settlement.BookJournal;
import org.micropay.vts.settlement.Bookkeeper;
import org.micropay.vts.settlement.Books;
import org.micropay.vts.settlement.Chain;

/**
 * The account of every satoshi from a journal with its archive and a chain: of a running server or
 * of a copy. It only reads. Any thread.
 */
public final class JournalBooks {
  private JournalBooks() {}

  /**
   * Reads the journal up to its last whole record, then the chain's blocks.
   *
   * @param progress told of each block's height
   * @throws org.micropay.vts.journal.JournalException when the journal cannot be read
   * @throws org.micropay.vts.settlement.ChainException when the chain does not answer
   */
  public static Books read(JournalPlaces journal, Chain chain, IntConsumer progress) {
    return Bookkeeper.keep(journal(journal), chain, List.of(), progress);
  }

  /**
   * What the books and the labels need of a journal, up to its last whole record.
   *
   * @throws org.micropay.vts.journal.JournalException when it cannot be read
   */
  public static BookJournal journal(JournalPlaces journal) {
    BookJournal books = new BookJournal();
    try (JournalReader reader = journal.open(1)) {
      while (reader.next(
          (position, type, timeMillis, payload, offset, length) -> {
            RecordType known = RecordType.ofNumber(type);
            if (known != null) {
              byte[] copy = new byte[length];
              payload.getBytes(offset, copy);
              books.read(position, known, copy);
            }
          })) {
        // The reader keeps what it needs.
      }
    }
    return books;
  }

  /**
   * The same over the chain of a configuration.
   *
   * @param journal other folders than the configured ones
   * @throws IOException when the embedded chain's file cannot be opened
   */
  public static Books read(ConfigFile file, Optional<JournalPlaces> journal, IntConsumer progress)
      throws IOException {
    JournalPlaces places = journal.orElseGet(file::journalPlaces);
    try (ChainAccess chain = ChainAccess.open(file)) {
      return read(places, chain.chain(), progress);
    }
  }
}
