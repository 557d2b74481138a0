/**
 * The transparency log in the appliance: its key, the publisher's thread between journal and
 * folder, the witnesses that are asked, the receipts' proofs, and the checks of anybody's log.
 */
package org.micropay.vts.appliance.log;
