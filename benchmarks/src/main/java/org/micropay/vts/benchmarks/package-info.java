/**
 * JMH benchmarks. The five operations of the paper's section 4.2 are in {@link
 * org.micropay.vts.benchmarks.PaperOperations}; run them with {@code java -jar
 * benchmarks/target/benchmarks.jar}.
 */
package org.micropay.vts.benchmarks;
