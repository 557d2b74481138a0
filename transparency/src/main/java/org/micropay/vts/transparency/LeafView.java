package org.micropay.vts.transparency;

import org.micropay.vts.ticket.Bytes;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ClaimView;

/**
 * A flyweight over the {@link LeafLayout bytes} of a leaf. It owns no memory; one thread at a time.
 * Until {@link #hasForm()} was true, nothing else may be asked.
 */
public final class LeafView {
  private final ClaimView claim = new ClaimView();
  private byte[] buffer = new byte[0];
  private int offset;
  private int length;

  /** A view of nothing; {@link #wrap} comes first. */
  public LeafView() {}

  /** Looks at {@code length} bytes at {@code offset} from now on. */
  public LeafView wrap(byte[] buffer, int offset, int length) {
    this.buffer = buffer;
    this.offset = offset;
    this.length = length;
    if (length > LeafLayout.CLAIM) {
      claim.wrap(buffer, offset + LeafLayout.CLAIM, length - LeafLayout.CLAIM);
    }
    return this;
  }

  /** Whether length, version and kind are a leaf's; the claim in it has not been looked at. */
  public boolean hasForm() {
    return length >= LeafLayout.MIN_LENGTH
        && length <= LeafLayout.MAX_LENGTH
        && buffer[offset + LeafLayout.VERSION] == LeafLayout.VERSION_1
        && LeafEncoder.isLeaf(kind())
        && position() > 0
        && timeMillis() >= 0
        && (isGrant() ? grantPosition() == position() : isBefore(grantPosition(), position()));
  }

  private static boolean isBefore(long grant, long proof) {
    return grant > 0 && grant < proof;
  }

  /** 3 GRANT, 4 DOUBLE_SPEND. */
  public int kind() {
    return buffer[offset + LeafLayout.KIND];
  }

  /** Whether it is a grant, not a double-spend proof. */
  public boolean isGrant() {
    return kind() == LeafEncoder.GRANT;
  }

  /** Position of the journal record. */
  public long position() {
    return Bytes.getLongLe(buffer, offset + LeafLayout.POSITION);
  }

  /** Time of the journal record, Unix milliseconds. */
  public long timeMillis() {
    return Bytes.getLongLe(buffer, offset + LeafLayout.TIME);
  }

  /** Position of the grant on the escrow. */
  public long grantPosition() {
    return Bytes.getLongLe(buffer, offset + LeafLayout.GRANT_POSITION);
  }

  /** The claim's id, as the leaf says. */
  public Bytes32 claimId() {
    return Bytes32.copyOf(buffer, offset + LeafLayout.CLAIM_ID);
  }

  /** The claim; this view's own, it changes with the next {@link #wrap}. */
  public ClaimView claim() {
    return claim;
  }

  /** The array that holds the leaf. */
  public byte[] buffer() {
    return buffer;
  }

  /** Where in {@link #buffer()} the leaf begins. */
  public int offset() {
    return offset;
  }

  /** Length of the leaf in bytes. */
  public int length() {
    return length;
  }
}
