/**
 * The MICROPAY2 protocol on Bitcoin, to the byte: terms, asks, tickets, claims, receipts, the
 * escrow's script and its spends, the win rule, and the wire format.
 *
 * <p>Nothing here does I/O, starts a thread, reads a clock or draws a random number. Value types
 * are immutable and always well-formed: their constructors refuse everything that docs/PROTOCOL.md
 * refuses, with the same {@link org.micropay.vts.ticket.AnswerCode}. The ring's path uses {@link
 * org.micropay.vts.ticket.ClaimView} and {@link org.micropay.vts.ticket.ClaimDigester} instead,
 * which read the same bytes in place and allocate nothing.
 */
package org.micropay.vts.ticket;
