@NullMarked
package dev.sluice.tool.broker;

import org.jspecify.annotations.NullMarked;
