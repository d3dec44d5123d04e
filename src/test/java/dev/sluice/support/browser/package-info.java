/** The machine's own Chromium. */
@NullMarked
package dev.sluice.support.browser;

import org.jspecify.annotations.NullMarked;
