@NullMarked
package dev.sluice.job.enrich;

import org.jspecify.annotations.NullMarked;
