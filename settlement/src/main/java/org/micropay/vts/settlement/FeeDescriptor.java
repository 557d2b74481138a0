package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Descriptor;
import fr.acinq.bitcoin.DeterministicWallet;
import fr.acinq.bitcoin.DeterministicWallet.ExtendedPublicKey;
import fr.acinq.bitcoin.KeyPath;
import fr.acinq.bitcoin.Script;
import fr.acinq.bitcoin.psbt.KeyPathWithMaster;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;

/**
 * The fee wallet's output descriptor (BIP 380, 382): {@code wpkh(KEY)#checksum}, where KEY is a
 * compressed public key in hex, or an extended public key (BIP 32) with an optional origin, a path
 * without hardened steps, and {@code /*} at its end when it names many addresses. It holds public
 * keys only. Immutable; any thread.
 *
 * <pre>
 *  wpkh( [d34db33f/84h/0h/0h]xpub6CUGRU.../0/*  )#cjjspncu
 *         fingerprint, path   BIP 32 key  path     8 characters, BIP 380
 * </pre>
 */
public final class FeeDescriptor {
  /** Index of the last address that a ranged descriptor can have: hardened ones begin above. */
  public static final int MAX_INDEX = Integer.MAX_VALUE;

  private static final Pattern FORM =
      Pattern.compile("wpkh\\((?:\\[([0-9a-fA-F]{8})((?:/[0-9]+[h'H]?)*)])?([^/()\\[\\]]+)(.*)\\)");
  private static final Pattern PATH = Pattern.compile("((?:/[0-9]+)*)(/\\*)?");

  private final String text;
  private final Optional<PublicKey> single;
  private final ExtendedPublicKey account;
  private final long fingerprint;
  private final KeyPath origin;
  private final KeyPath below;
  private final boolean ranged;

  private FeeDescriptor(
      String text,
      Optional<PublicKey> single,
      ExtendedPublicKey account,
      long fingerprint,
      KeyPath origin,
      KeyPath below,
      boolean ranged) {
    this.text = text;
    this.single = single;
    this.account = account;
    this.fingerprint = fingerprint;
    this.origin = origin;
    this.below = below;
    this.ranged = ranged;
  }

  /** The descriptor of one key. */
  public static FeeDescriptor ofKey(PublicKey key) {
    return new FeeDescriptor(
        "wpkh(" + key.toHex() + ")", Optional.of(key), null, 0, path(""), path(""), false);
  }

  /**
   * Reads a descriptor.
   *
   * @param network whose extended keys are taken: xpub on mainnet, tpub elsewhere
   * @throws IllegalArgumentException with one line that says what is wrong
   */
  public static FeeDescriptor parse(String descriptor, Network network) {
    String body = checked(descriptor.strip());
    Matcher form = FORM.matcher(body);
    if (!form.matches()) {
      throw wrong(descriptor, "is not wpkh(KEY); the fee wallet is P2WPKH with public keys");
    }
    Matcher path = PATH.matcher(form.group(4));
    if (!path.matches()) {
      throw wrong(
          descriptor, "has the path '" + form.group(4) + "', not plain numbers and /* at the end");
    }
    try {
      return of(body, form, path, network);
    } catch (RuntimeException e) {
      throw wrong(descriptor, "cannot be used: " + e.getMessage());
    }
  }

  private static FeeDescriptor of(String body, Matcher form, Matcher path, Network network) {
    KeyPath origin = path(form.group(2) == null ? "" : form.group(2));
    KeyPath below = path(path.group(1));
    boolean ranged = path.group(2) != null;
    String key = form.group(3);
    if (key.matches("[0-9a-fA-F]{66}")) {
      if (ranged || !below.path.isEmpty()) {
        throw new IllegalArgumentException("a single key has no path");
      }
      PublicKey single = PublicKey.fromHex(key.toLowerCase(Locale.ROOT));
      long fingerprint = form.group(1) == null ? 0 : Long.parseLong(form.group(1), 16);
      return new FeeDescriptor(body, Optional.of(single), null, fingerprint, origin, below, false);
    }
    var decoded = ExtendedPublicKey.decode(key, path(""));
    boolean main = network == Network.MAINNET;
    if (decoded.getFirst() != (main ? DeterministicWallet.xpub : DeterministicWallet.tpub)) {
      throw new IllegalArgumentException(
          "on %s the key must be an %s".formatted(network.id(), main ? "xpub" : "tpub"));
    }
    ExtendedPublicKey account = decoded.getSecond();
    // Without an origin the key itself is the root that the signer knows.
    long fingerprint =
        form.group(1) == null ? account.fingerprint() : Long.parseLong(form.group(1), 16);
    return new FeeDescriptor(body, Optional.empty(), account, fingerprint, origin, below, ranged);
  }

  /** Without its checksum, which must be there and right. */
  private static String checked(String descriptor) {
    int mark = descriptor.lastIndexOf('#');
    String body = mark < 0 ? descriptor : descriptor.substring(0, mark);
    if (!body.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw wrong(descriptor, "holds a character that no descriptor has");
    }
    String right = Descriptor.checksum(body);
    if (mark < 0) {
      throw wrong(descriptor, "has no checksum; if it is right, write #" + right + " behind it");
    }
    if (!descriptor.substring(mark + 1).equals(right)) {
      throw wrong(descriptor, "does not fit its checksum; a character was changed or left out");
    }
    return body;
  }

  private static IllegalArgumentException wrong(String descriptor, String what) {
    String shown = descriptor.length() <= 200 ? descriptor : descriptor.substring(0, 200) + "...";
    return new IllegalArgumentException("descriptor '" + shown + "' " + what);
  }

  private static KeyPath path(String steps) {
    List<Long> numbers = new ArrayList<>();
    for (String step : steps.split("/")) {
      if (!step.isEmpty()) {
        boolean hardened = !Character.isDigit(step.charAt(step.length() - 1));
        long number = Long.parseLong(hardened ? step.substring(0, step.length() - 1) : step);
        if (number > MAX_INDEX) {
          throw new IllegalArgumentException("step " + step + " is above 2^31 - 1");
        }
        numbers.add(hardened ? DeterministicWallet.hardened(number) : number);
      }
    }
    return new KeyPath(numbers);
  }

  /** Whether it names many addresses, by their index. */
  public boolean isRanged() {
    return ranged;
  }

  private KeyPath path(int index) {
    if (index < 0 || index > 0 && !ranged) {
      throw new IllegalArgumentException("address " + index + " of " + this + " does not exist");
    }
    return ranged ? below.derive(index) : below;
  }

  /**
   * The key of an address.
   *
   * @param index from 0; 0 alone when it is not ranged
   */
  public PublicKey key(int index) {
    KeyPath path = path(index);
    return single.orElseGet(
        () -> PublicKey.of(account.derivePublicKey(path).publickeybytes.toByteArray()));
  }

  /** The output script of an address: P2WPKH, 22 bytes. */
  public PayoutScript script(int index) {
    return script(key(index));
  }

  static PayoutScript script(PublicKey key) {
    return PayoutScript.of(
        Script.write(Script.pay2wpkh(new fr.acinq.bitcoin.PublicKey(key.toArray()))));
  }

  /** Where a signer finds the key: its root's fingerprint and the whole path (BIP 174). */
  KeyPathWithMaster derivation(int index) {
    return new KeyPathWithMaster(fingerprint, origin.append(path(index)));
  }

  /** Fingerprint of the signer's root key, 8 digits; zeros when unknown. */
  public String fingerprint() {
    return HexFormat.of().toHexDigits((int) fingerprint);
  }

  /** The descriptor of one address. */
  public FeeDescriptor at(int index) {
    return ranged ? ofKey(key(index)) : this;
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof FeeDescriptor other && text.equals(other.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** With its checksum. */
  @Override
  public String toString() {
    return text + "#" + Descriptor.checksum(text);
  }
}
