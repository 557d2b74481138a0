package org.micropay.vts.appliance.demo;

/** Steps that nobody looks at. */
final class Steps {
  static final DemoProgress.Step IGNORED = DemoProgress.silent().begin("", 0);

  private Steps() {}
}
