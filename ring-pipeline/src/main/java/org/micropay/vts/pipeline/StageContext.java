package org.micropay.vts.pipeline;

import com.lmax.disruptor.RingBuffer;
import org.agrona.concurrent.NanoClock;

/** What every stage of one pipeline shares. */
record StageContext(RingBuffer<ClaimSlot> ring, HaltSwitch haltSwitch, NanoClock nanoClock) {}
