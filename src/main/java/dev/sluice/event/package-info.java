/** The events and answers that flow through the job, as plain records. Imports the JDK only. */
@NullMarked
package dev.sluice.event;

import org.jspecify.annotations.NullMarked;
