/** Tests of the JSON contract. */
@NullMarked
package dev.sluice.codec;

import org.jspecify.annotations.NullMarked;
