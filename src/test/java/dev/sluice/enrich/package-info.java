@NullMarked
package dev.sluice.enrich;

import org.jspecify.annotations.NullMarked;
