/** The one writer: lease, pages, ledger, and the fold for reads. Imports control, the ledger and server.view. */
@NullMarked
package dev.interposer.server.loop;

import org.jspecify.annotations.NullMarked;
