/**
 * The settings of the job: their options, where they come from, how they are read and checked, and
 * the typed values that everything else gets.
 */
@NullMarked
package dev.sluice.settings;

import org.jspecify.annotations.NullMarked;
