package dev.sluice.tool.savepoint;

import dev.sluice.ledger.OriginSet;
import dev.sluice.tool.receipt.Receipt;
import java.util.List;

/**
 * What one pass over every key found.
 *
 * @param totals over every key
 * @param lasting those of them that no reset takes away any more
 * @param problems why models are not sound: a sentence each for the first 20, and one that counts
 *     the others; empty if all are sound
 * @param held origins of outcomes that wait for their observation, not answered yet
 */
public record ModelCheck(
    Receipt.Models totals, LastingCounters lasting, List<String> problems, OriginSet held) {}
