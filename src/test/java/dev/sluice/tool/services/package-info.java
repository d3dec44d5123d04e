/** Services for tests, whose time only the tests move. */
@NullMarked
package dev.sluice.tool.services;

import org.jspecify.annotations.NullMarked;
