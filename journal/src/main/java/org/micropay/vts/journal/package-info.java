/**
 * The append-only record of every decision: framed, hash-chained, and durable when it says so.
 *
 * <p>{@link org.micropay.vts.journal.Journal} is the writer's side, {@link
 * org.micropay.vts.journal.JournalReader} the reader's; {@link
 * org.micropay.vts.journal.ChronicleJournal} keeps the frames in Chronicle Queue files and {@link
 * org.micropay.vts.journal.MemoryJournal} in memory, for tests and simulation. The bytes are drawn
 * in {@link org.micropay.vts.journal.FrameLayout}. No Chronicle type is part of the public
 * interface.
 */
package org.micropay.vts.journal;
