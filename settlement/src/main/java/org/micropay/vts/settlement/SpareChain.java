package org.micropay.vts.settlement;

/**
 * Another way to the chain that an operator might point a server at, with what is wrong with it.
 * Belongs to whoever asked for it; one thread, but {@link #chain} like any other.
 */
public interface SpareChain extends AutoCloseable {
  /** What is wrong with it. */
  enum Kind {
    /** A node of another network. */
    FOREIGN,
    /** A node that has just begun to load the chain's history; {@link #catchUp} brings the rest. */
    FRESH,
    /** A node that keeps the newest blocks only; {@link #catchUp} brings news, and prunes. */
    PRUNED,
    /** The same node, but none of its notifications arrive between two calls of catchUp. */
    UNHEARD
  }

  /** The way there. */
  Chain chain();

  /** Time passes; see {@link Kind}. */
  void catchUp();

  @Override
  void close();
}
