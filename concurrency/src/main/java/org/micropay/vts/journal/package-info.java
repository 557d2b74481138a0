/** What the journal's writer shares with readers without a lock, under jcstress. */
package org.micropay.vts.journal;
