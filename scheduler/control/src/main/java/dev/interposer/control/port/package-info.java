/** What control needs of the world: a ledger, a lease, a digest of specs. Imports the engine's model and events. */
@NullMarked
package dev.interposer.control.port;

import org.jspecify.annotations.NullMarked;
