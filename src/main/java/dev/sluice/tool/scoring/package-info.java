/**
 * What the committed topics say about the models: the evaluations scored, the dead letters counted
 * by reason.
 */
@NullMarked
package dev.sluice.tool.scoring;

import org.jspecify.annotations.NullMarked;
