package org.micropay.vts.appliance.server;

import org.micropay.vts.pipeline.ClaimDigests;
import org.micropay.vts.pipeline.JavaClaimDigests;

class JavaClaimDigestsTest extends ClaimDigestsContract {
  @Override
  ClaimDigests newDigests() {
    return new JavaClaimDigests();
  }
}
