/** Tests of what {@code deploy/} holds. */
@NullMarked
package dev.sluice.deploy;

import org.jspecify.annotations.NullMarked;
