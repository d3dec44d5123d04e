/**
 * What a stop leaves behind: its receipt as records and as a JSON file, signed if there is a key.
 * May import Jackson and the refusals' codes only.
 */
@NullMarked
package dev.sluice.tool.receipt;

import org.jspecify.annotations.NullMarked;
