package org.micropay.vts.pipeline;

import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;

/**
 * Never waits: a barrier answers at once with what is available. The thread that runs the stages
 * decides how to idle, because it may run several of them.
 */
final class PollingWaitStrategy implements WaitStrategy {
  @Override
  public long waitFor(
      long sequence, Sequence cursor, Sequence dependentSequence, SequenceBarrier barrier) {
    return dependentSequence.get();
  }

  @Override
  public void signalAllWhenBlocking() {
    // Nobody sleeps here.
  }
}
