/**
 * {@code vts demo}: a server process and its clients play the whole life of a payment, with cheats
 * and a crash on the way, and an account from the chain at the end that owes the server nothing.
 */
package org.micropay.vts.appliance.demo;
