package dev.sluice.tool.savepoint;

import java.io.IOException;
import org.apache.flink.runtime.state.KeyGroupRange;

/**
 * Keyed state that is shown entry by entry, in the form of the canonical format, whichever way it
 * is stored: key group after key group, in each of them state after state.
 */
interface EntrySource {

  /**
   * Shows every entry of a range of key groups.
   *
   * @throws BadSnapshotException if a file is missing or damaged
   * @throws UnreadModelsException if it can't be read here
   */
  void each(KeyGroupRange range, KeyedEntries.Visitor visitor) throws IOException;
}
