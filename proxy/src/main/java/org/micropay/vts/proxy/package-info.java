/**
 * The paying proxy: stands before a web server that knows nothing of payments, asks for tickets by
 * status 402, checks what comes, and passes the request on. docs/PAYING.md defines what it speaks.
 * Imports the merchant's library, never the VTS.
 */
package org.micropay.vts.proxy;
