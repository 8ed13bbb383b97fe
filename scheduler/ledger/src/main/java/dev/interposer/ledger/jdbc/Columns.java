package dev.interposer.ledger.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/** Rows as one array a column: one statement for all of them. */
final class Columns<T> {
    private final PreparedStatement statement;
    private final List<T> rows;
    private int place;

    /** @param firstPlace of the first column among the statement's parameters, from 1 */
    Columns(PreparedStatement statement, List<T> rows, int firstPlace) {
        this.statement = statement;
        this.rows = rows;
        this.place = firstPlace;
    }

    void longs(ToLongFunction<T> of) throws SQLException {
        set("bigint", rows.stream().mapToLong(of).boxed().toArray());
    }

    void ints(ToIntFunction<T> of) throws SQLException {
        set("int", rows.stream().mapToInt(of).boxed().toArray());
    }

    void texts(Function<T, String> of) throws SQLException {
        set("text", rows.stream().map(of).toArray());
    }

    private void set(String type, Object[] values) throws SQLException {
        statement.setArray(place++, statement.getConnection().createArrayOf(type, values));
    }
}
