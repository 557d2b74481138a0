/**
 * The deterministic core of the VTS: a pure state machine that knows which escrows exist and which
 * claim was granted on each, and the records that its journal is made of. {@link
 * org.micropay.vts.ledger.Ledger} is the way in, {@link org.micropay.vts.ledger.LedgerView} the way
 * to look.
 */
package org.micropay.vts.ledger;
