@NullMarked
package dev.sluice.tool.audit;

import org.jspecify.annotations.NullMarked;
