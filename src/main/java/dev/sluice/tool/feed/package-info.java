/**
 * Feeds events to a job's topic, continues exactly where the topic ends, and shows in one live line
 * how the job proceeds.
 */
@NullMarked
package dev.sluice.tool.feed;

import org.jspecify.annotations.NullMarked;
