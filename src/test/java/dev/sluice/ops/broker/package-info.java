@NullMarked
package dev.sluice.ops.broker;

import org.jspecify.annotations.NullMarked;
