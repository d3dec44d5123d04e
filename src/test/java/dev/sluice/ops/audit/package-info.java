@NullMarked
package dev.sluice.ops.audit;

import org.jspecify.annotations.NullMarked;
