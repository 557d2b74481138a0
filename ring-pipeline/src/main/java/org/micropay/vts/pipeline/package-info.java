/**
 * The ring pipeline: the stages through which every claim and every command goes, and the ports
 * through which they speak to kernels, journal, clients and settlement.
 *
 * <h2>What holds</h2>
 *
 * <ul>
 *   <li>Decisions have one total order, the order of the ring, and one owner, the decide stage.
 *   <li>Nothing is answered before the record that it rests on is durable, and no grant before its
 *       signature was made and verified.
 *   <li>A stage that throws stops everything: after that nothing is answered, and the process ends.
 *   <li>The ring is the only queue. Full is an answer.
 *   <li>A claim's way allocates nothing, takes no lock and writes no log.
 * </ul>
 *
 * <h2>Stages are steppable</h2>
 *
 * <p>A {@link org.micropay.vts.pipeline.Stage} has no thread: {@code doWork()} handles one batch
 * and returns. In production threads call it in a loop; in tests and in the simulator {@link
 * org.micropay.vts.pipeline.PipelineStepper} does, in a drawn order, over the same classes. To
 * simulate: build a {@link org.micropay.vts.pipeline.ClaimPipeline} without placements, with ports
 * that inject faults, publish claims and commands, and step. The pipeline takes no clock but the
 * one of its latency stamps, draws no random number and starts no thread on its own.
 */
package org.micropay.vts.pipeline;
