package org.micropay.vts.appliance.http;

/**
 * Body of POST /v1/escrows.
 *
 * @param registration base64url of the canonical registration, 195 or 315 bytes
 */
record RegisterRequest(String registration) {}
