@NullMarked
package dev.sluice.ops.report;

import org.jspecify.annotations.NullMarked;
