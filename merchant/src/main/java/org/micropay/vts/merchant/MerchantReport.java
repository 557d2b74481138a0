package org.micropay.vts.merchant;

/**
 * A merchant at a glance.
 *
 * @param statistics tickets, wins, and whether luck is plausible
 * @param claims what became of the winners
 * @param pendingClaims winners without a final answer
 * @param claimProblem why the last claim got none; empty when it did
 * @param claimFailures attempts that got no final answer
 * @param checked tickets whose signatures were checked
 * @param batches kernel calls for them
 * @param waiting tickets waiting to be checked
 * @param escrowsCached escrows whose state is remembered
 * @param storageFault why wins or tickets cannot be stored; empty when they can
 * @param kernel that checks signatures
 */
public record MerchantReport(
    RevenueStatistics statistics,
    ClaimTotals.Summary claims,
    int pendingClaims,
    String claimProblem,
    long claimFailures,
    long checked,
    long batches,
    int waiting,
    int escrowsCached,
    String storageFault,
    String kernel) {}
