/** What the ledger's writer shares with readers without a lock, under jcstress. */
package org.micropay.vts.ledger;
