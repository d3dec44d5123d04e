@NullMarked
package dev.sluice.fence;

import org.jspecify.annotations.NullMarked;
