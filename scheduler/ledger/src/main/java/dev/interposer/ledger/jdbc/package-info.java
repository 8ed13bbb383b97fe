/** The ledger and the lease in PostgreSQL, by plain JDBC. Imports control's ports and the codec. */
@NullMarked
package dev.interposer.ledger.jdbc;

import org.jspecify.annotations.NullMarked;
