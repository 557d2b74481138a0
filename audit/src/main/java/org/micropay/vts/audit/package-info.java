/**
 * Audits a journal: reads every record, verifies every signature, decides every claim again, and
 * says whether the journal is what an honest VTS would have written. Never writes.
 */
package org.micropay.vts.audit;
