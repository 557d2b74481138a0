package org.micropay.vts.appliance.http;

import org.micropay.vts.appliance.server.RegisterAnswer;

/**
 * Answer to a registration that was accepted.
 *
 * @param code REGISTERED
 * @param termsDigest hex, 64 digits
 * @param position journal record of the registration
 */
record Registered(String code, String termsDigest, long position) {
  static Registered of(RegisterAnswer answer) {
    return new Registered(answer.code().name(), answer.termsDigest().toHex(), answer.position());
  }
}
