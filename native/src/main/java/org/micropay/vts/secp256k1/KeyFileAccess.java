package org.micropay.vts.secp256k1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * Who may read a key file: its owner and this process's user, nobody else.
 *
 * <p>Mode bits decide, with one exception. Where a file has a POSIX access control list, its group
 * bits show the list's mask and not the group's rights; systemd hands credentials to a service that
 * way, as a file of root's with one entry for the service's user. So a group-readable file passes
 * if its list names nobody but this user.
 */
final class KeyFileAccess {
  private static final Set<PosixFilePermission> FOR_OTHERS =
      EnumSet.complementOf(
          EnumSet.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE));

  // linux/posix_acl_xattr.h and linux/posix_acl.h
  private static final int ACL_VERSION = 2;
  private static final int ACL_USER_OBJ = 0x01;
  private static final int ACL_USER = 0x02;
  private static final int ACL_MASK = 0x10;
  private static final int ACL_ENTRY_BYTES = 8;

  private KeyFileAccess() {}

  /** Throws when others may access the file; the message says how to change that. */
  static void requirePrivate(Path file) throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    EnumSet<PosixFilePermission> forOthers = EnumSet.copyOf(FOR_OTHERS);
    forOthers.retainAll(permissions);
    if (forOthers.isEmpty()) {
      return;
    }
    boolean groupReads = forOthers.equals(EnumSet.of(PosixFilePermission.GROUP_READ));
    if (!groupReads || !isOnlyFor(Libc.effectiveUser(), Libc.accessControlList(file))) {
      throw new IOException(
          "key file %s is accessible to others (%s); run: chmod 600 %s"
              .formatted(file, PosixFilePermissions.toString(permissions), file));
    }
  }

  /**
   * True when an access control list gives rights to nobody but the owner and {@code user}.
   *
   * @param list the extended attribute system.posix_acl_access: version u32, then per entry tag
   *     u16, permissions u16, id u32, all little-endian; empty when there is none
   */
  static boolean isOnlyFor(int user, byte[] list) {
    ByteBuffer entries = ByteBuffer.wrap(list).order(ByteOrder.LITTLE_ENDIAN);
    if (list.length % ACL_ENTRY_BYTES != Integer.BYTES || entries.getInt() != ACL_VERSION) {
      return false;
    }
    while (entries.hasRemaining()) {
      int tag = entries.getShort();
      int rights = entries.getShort();
      int id = entries.getInt();
      boolean ours = tag == ACL_USER_OBJ || tag == ACL_MASK || tag == ACL_USER && id == user;
      if (!ours && rights != 0) {
        return false;
      }
    }
    return true;
  }
}
