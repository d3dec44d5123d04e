package dev.sluice.tool.events;

import java.util.Iterator;
import java.util.SortedSet;

/** Events whose order depends on where their file ended when it was read before. */
public interface GrowingEvents extends Iterator<FileEvent> {

  /**
   * Says where the file ended before, so that the events up to there come in the order of then;
   * before the first event is asked for.
   *
   * @param rows how many rows it had, each time
   */
  void endedAt(SortedSet<Long> rows);
}
