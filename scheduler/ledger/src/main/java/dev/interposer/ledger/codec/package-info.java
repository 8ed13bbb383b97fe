/** Events and pages to bytes and back. Imports the engine's records and the private contract of the ledger. */
@NullMarked
package dev.interposer.ledger.codec;

import org.jspecify.annotations.NullMarked;
