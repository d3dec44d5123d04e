/** Champions made and inspected outside the job: training from files of events. */
@NullMarked
package dev.sluice.tool.training;

import org.jspecify.annotations.NullMarked;
