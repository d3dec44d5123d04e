@NullMarked
package dev.sluice.tool.scoring;

import org.jspecify.annotations.NullMarked;
