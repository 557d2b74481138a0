package org.micropay.vts.appliance.log;

import org.micropay.vts.transparency.PublishedLog;
import org.micropay.vts.transparency.TlogProof;

/**
 * What makes a receipt one that anybody can check against the log.
 *
 * @param leafIndex of the leaf, from 0
 * @param treeSize leaves of the checkpoint in the proof
 * @param leaf its bytes, base64url
 * @param proof C2SP tlog-proof: index, hashes, checkpoint with its signatures
 */
public record Inclusion(long leafIndex, long treeSize, String leaf, String proof) {
  static Inclusion of(PublishedLog.Found found, long treeSize, TlogProof proof) {
    return new Inclusion(
        found.index(),
        treeSize,
        java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(found.leaf()),
        proof.toString());
  }
}
