package dev.sluice.tool.savepoint;

import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.OpenInterval;
import dev.sluice.ledger.OriginSet;
import java.util.List;

/**
 * What a snapshot holds of the restore fence, of all subtasks together.
 *
 * @param note merged over all subtasks
 * @param open every open interval: answers whose transactions were not known to be committed
 * @param ahead origins whose answers were committed beyond an earlier snapshot that the job was
 *     restored from
 */
public record SavedFence(FenceNote note, List<OpenInterval> open, OriginSet ahead) {}
