package dev.sluice.job.fence;

import dev.sluice.ledger.FenceNote;
import dev.sluice.ledger.OpenInterval;
import dev.sluice.ledger.OriginSet;
import java.util.List;

/**
 * What a snapshot holds of the fence, of all subtasks together.
 *
 * @param uri the snapshot, for people
 * @param note merged over all subtasks
 * @param open every open interval
 * @param ahead origins that were committed beyond an earlier snapshot that the job was restored
 *     from; read, never changed
 */
public record SavedFence(String uri, FenceNote note, List<OpenInterval> open, OriginSet ahead) {}
