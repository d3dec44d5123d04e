/** Tests of the stored formats; golden bytes lie in the resources under {@code golden/state}. */
@NullMarked
package dev.sluice.state;

import org.jspecify.annotations.NullMarked;
