@NullMarked
package dev.sluice.job.fence;

import org.jspecify.annotations.NullMarked;
