/**
 * The load generator, and the experiments of Pass and shelat's section 4 with a report that puts
 * our figures beside the paper's. Nobody imports it but commands.
 */
package org.micropay.vts.experiments;
