/** The guard with stops whose ends the tests decide, over real HTTP on loopback. */
@NullMarked
package dev.sluice.tool.guard;

import org.jspecify.annotations.NullMarked;
