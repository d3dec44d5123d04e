/** Tests of the documents: README, the pages of the site and the pages of {@code deploy/}. */
@NullMarked
package dev.sluice.docs;

import org.jspecify.annotations.NullMarked;
