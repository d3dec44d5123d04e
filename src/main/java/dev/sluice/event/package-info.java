/** What flows through the job, as plain records: events in, answers out. Imports the JDK only. */
@NullMarked
package dev.sluice.event;

import org.jspecify.annotations.NullMarked;
