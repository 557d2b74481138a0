package org.micropay.vts.ticket;

import java.util.Arrays;
import java.util.Locale;

/**
 * Segregated witness addresses: bech32 (BIP 173) for version 0, bech32m (BIP 350) from version 1
 * on. Any thread.
 */
final class Bech32 {
  private static final String DIGITS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  private static final int CHECKSUM_LENGTH = 6;
  private static final int BECH32 = 1;
  private static final int BECH32M = 0x2BC830A3;
  private static final int[] GENERATOR = {
    0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3
  };

  private Bech32() {}

  /** The address of a witness program. */
  static String encode(String humanReadablePart, int version, byte[] program) {
    byte[] groups = regroup(program, 8, 5, true);
    byte[] data = new byte[1 + groups.length + CHECKSUM_LENGTH];
    data[0] = (byte) version;
    System.arraycopy(groups, 0, data, 1, groups.length);
    int checksum = polymod(humanReadablePart, data) ^ constant(version);
    for (int i = 0; i < CHECKSUM_LENGTH; i++) {
      data[1 + groups.length + i] = (byte) (checksum >>> 5 * (CHECKSUM_LENGTH - 1 - i) & 31);
    }
    StringBuilder address = new StringBuilder(humanReadablePart).append('1');
    for (byte digit : data) {
      address.append(DIGITS.charAt(digit));
    }
    return address.toString();
  }

  /** The output script of an address, or null when it is not one of this human-readable part. */
  static byte[] decode(String humanReadablePart, String address) {
    String lower = address.toLowerCase(Locale.ROOT);
    boolean mixed = !lower.equals(address) && !address.toUpperCase(Locale.ROOT).equals(address);
    int start = humanReadablePart.length() + 1;
    if (mixed
        || address.length() > 90
        || lower.length() < start + 1 + CHECKSUM_LENGTH
        || !lower.startsWith(humanReadablePart + "1")) {
      return null;
    }
    byte[] data = new byte[lower.length() - start];
    for (int i = 0; i < data.length; i++) {
      int digit = DIGITS.indexOf(lower.charAt(start + i));
      if (digit < 0) {
        return null;
      }
      data[i] = (byte) digit;
    }
    if (data[0] > 16 || polymod(humanReadablePart, data) != constant(data[0])) {
      return null;
    }
    byte[] groups = Arrays.copyOfRange(data, 1, data.length - CHECKSUM_LENGTH);
    byte[] program = regroup(groups, 5, 8, false);
    return program == null ? null : script(data[0], program);
  }

  private static byte[] script(int version, byte[] program) {
    byte[] script = new byte[2 + program.length];
    script[0] = (byte) (version == 0 ? 0 : 0x50 + version);
    script[1] = (byte) program.length;
    System.arraycopy(program, 0, script, 2, program.length);
    return script;
  }

  private static int constant(int version) {
    return version == 0 ? BECH32 : BECH32M;
  }

  /** Bits from groups of one size into groups of another; null for padding that is not zero. */
  private static byte[] regroup(byte[] source, int from, int to, boolean pad) {
    byte[] target = new byte[(source.length * from + (pad ? to - 1 : 0)) / to];
    int bits = 0;
    int pending = 0;
    int at = 0;
    for (byte group : source) {
      pending = (pending << from | group & (1 << from) - 1) & 0xFFF;
      bits += from;
      while (bits >= to) {
        bits -= to;
        target[at++] = (byte) (pending >>> bits & (1 << to) - 1);
      }
    }
    int rest = pending & (1 << bits) - 1;
    if (pad && bits > 0) {
      target[at] = (byte) (rest << to - bits);
    }
    return pad || bits < from && rest == 0 ? target : null;
  }

  private static int polymod(String humanReadablePart, byte[] data) {
    int checksum = 1;
    for (int i = 0; i < humanReadablePart.length(); i++) {
      checksum = step(checksum, humanReadablePart.charAt(i) >>> 5);
    }
    checksum = step(checksum, 0);
    for (int i = 0; i < humanReadablePart.length(); i++) {
      checksum = step(checksum, humanReadablePart.charAt(i) & 31);
    }
    for (byte digit : data) {
      checksum = step(checksum, digit);
    }
    return checksum;
  }

  private static int step(int checksum, int digit) {
    int top = checksum >>> 25;
    int next = (checksum & 0x1FFFFFF) << 5 ^ digit;
    for (int i = 0; i < GENERATOR.length; i++) {
      next ^= (top >>> i & 1) * GENERATOR[i];
    }
    return next;
  }
}
