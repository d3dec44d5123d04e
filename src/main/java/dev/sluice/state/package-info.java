/**
 * Converts records and model states to bytes and back: how everything is stored in savepoints and
 * sent between operators. The only serializer code; neither Kryo nor Java serialisation is ever
 * used. Imports Flink's type serialisation, {@code control}, {@code event}, {@code features},
 * {@code ledger} and {@code model}.
 *
 * <p>Every stored value starts with one byte, the version of its format. A serializer writes its
 * newest version and reads every version from 1 on, so state of an older version is never
 * converted: it is read as it is and takes the new form when it is next written. State of a newer
 * version is refused. To change a format, take the next version:
 *
 * <ol>
 *   <li>raise the number that the serializer's constructor passes on, and change {@code write};
 *   <li>add a case to {@code read} and keep the old one, with defaults for what it does not hold;
 *   <li>write the new golden bytes next to the old ones, which stay for ever (see {@code
 *       GoldenTest}).
 * </ol>
 */
@NullMarked
package dev.sluice.state;

import org.jspecify.annotations.NullMarked;
