@NullMarked
package dev.sluice.tool.report;

import org.jspecify.annotations.NullMarked;
