/**
 * What a stop leaves behind: its receipt as records and as a JSON file. May import Jackson only.
 */
@NullMarked
package dev.sluice.ops.receipt;

import org.jspecify.annotations.NullMarked;
