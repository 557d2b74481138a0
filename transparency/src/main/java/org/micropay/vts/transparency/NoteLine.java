package org.micropay.vts.transparency;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One signature line of a note: {@code — name base64(key id || signature)}.
 *
 * @param name of the key
 * @param keyId first byte highest
 * @param signature everything behind the key id; its form is the key's affair
 */
public record NoteLine(String name, int keyId, byte[] signature) {
  private static final String DASH = "\u2014 ";
  private static final int ID_LENGTH = 4;

  /** Copies the signature. */
  public NoteLine {
    VerifierKey.requireName(name);
    signature = signature.clone();
  }

  @Override
  public byte[] signature() {
    return signature.clone();
  }

  /**
   * A line without its newline.
   *
   * @throws LogDataException when it is none
   */
  public static NoteLine parse(String line) {
    String[] parts = line.split(" ", -1);
    if (!line.startsWith(DASH) || parts.length != 3) {
      throw new LogDataException("a signature line is an em dash, a name and base64, by spaces");
    }
    byte[] bytes = StrictBase64.decode("the signature of '" + parts[1] + "'", parts[2]);
    if (bytes.length <= ID_LENGTH) {
      throw new LogDataException("the signature of '" + parts[1] + "' holds no key id");
    }
    return new NoteLine(
        parts[1],
        ByteBuffer.wrap(bytes).getInt(),
        Arrays.copyOfRange(bytes, ID_LENGTH, bytes.length));
  }

  /** The line with its newline. */
  @Override
  public String toString() {
    byte[] bytes =
        ByteBuffer.allocate(ID_LENGTH + signature.length).putInt(keyId).put(signature).array();
    return DASH + name + ' ' + StrictBase64.encode(bytes) + '\n';
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof NoteLine other
        && name.equals(other.name)
        && keyId == other.keyId
        && Arrays.equals(signature, other.signature);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + Arrays.hashCode(signature);
  }
}
