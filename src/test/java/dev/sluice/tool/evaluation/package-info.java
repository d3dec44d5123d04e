@NullMarked
package dev.sluice.tool.evaluation;

import org.jspecify.annotations.NullMarked;
