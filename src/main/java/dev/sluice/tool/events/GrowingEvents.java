package dev.sluice.tool.events;

import java.util.Iterator;
import java.util.Map;
import java.util.SortedSet;

/** Events of a file that may have grown since it was read before. */
public interface GrowingEvents extends Iterator<FileEvent> {

  /**
   * Says where the file ended before, so that the events up to there come in the order of then;
   * before the first event is asked for.
   *
   * @param rows how many rows it had, each time
   */
  void endedAt(SortedSet<Long> rows);

  /**
   * Says which rows had no line end when they were fed; before the first event is asked for.
   *
   * @param marks as {@link InputEvent#openRow}, by the rows' numbers
   */
  void wereOpen(Map<Long, String> marks);
}
