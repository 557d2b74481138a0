package org.micropay.vts.ledger;

/** What a command came to. */
record Answer(int code, int journalType, long receiptPosition) {}
