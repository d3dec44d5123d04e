/** The demo's data: a file of real flights comes in, events of the contract go out. */
@NullMarked
package dev.sluice.tool.demo;

import org.jspecify.annotations.NullMarked;
