/**
 * Which stage runs on which CPU: what the machine has ({@link
 * org.micropay.vts.affinity.CpuTopology}), a plan for it ({@link
 * org.micropay.vts.affinity.StagePlan}), and the system call that carries it out ({@link
 * org.micropay.vts.affinity.Pinning}).
 */
package org.micropay.vts.affinity;
