package org.micropay.vts.settlement;

import org.micropay.vts.ticket.ScriptType;

/** Bitcoin Core's dust rule: an output must be worth three times what spending it costs. */
final class Dust {
  private static final int SAT_PER_VBYTE = 3;
  private static final int SPEND_WITNESS = 67;
  private static final int SPEND_LEGACY = 148;
  private static final int PAY_TO_ANCHOR = 240;

  private Dust() {}

  /** The least satoshi that an output with this script must carry to be relayed. */
  static long threshold(byte[] script) {
    ScriptType type = ScriptType.classify(script, 0, script.length);
    if (type != null) {
      return type.dust();
    }
    if (script.length > 0 && script[0] == 0x6A) {
      return 0;
    }
    if (script.length == 4 && (script[0] & 0xFF) == 0x51) {
      return PAY_TO_ANCHOR;
    }
    boolean witness = script.length >= 4 && (script[0] == 0 || (script[0] & 0xFF) >= 0x51);
    return (long) SAT_PER_VBYTE * (9 + script.length + (witness ? SPEND_WITNESS : SPEND_LEGACY));
  }
}
