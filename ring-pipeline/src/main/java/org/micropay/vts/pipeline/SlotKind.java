package org.micropay.vts.pipeline;

/** What a ring slot carries. */
public enum SlotKind {
  /** Nothing: its producer failed between claiming the sequence and filling it. */
  VOID,
  /** A claim, answered through {@link ReplyPort}. */
  CLAIM,
  /** A journaled command, answered through its {@link CommandCompletion}. */
  COMMAND
}
