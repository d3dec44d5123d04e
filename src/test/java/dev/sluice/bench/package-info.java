/** Measurements, each a program of its own that compares in pairs within one run. */
@NullMarked
package dev.sluice.bench;

import org.jspecify.annotations.NullMarked;
