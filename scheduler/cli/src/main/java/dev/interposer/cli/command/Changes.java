package dev.interposer.cli.command;

import com.google.protobuf.Message;
import dev.interposer.cli.output.ChangingTable;
import dev.interposer.cli.output.Format;
import dev.interposer.cli.output.Messages;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Prints what is new or unlike what was printed last: new lines of a table, one object a line, or names. */
final class Changes<T extends Message> {
    private final Context context;
    private final Listing.Naming<T> naming;
    private final Listing.Layout<T> layout;
    private final ChangingTable table;
    private final Map<String, T> known = new HashMap<>();

    Changes(Context context, Listing.Naming<T> naming, Listing.Layout<T> layout) {
        this.context = context;
        this.naming = naming;
        this.layout = layout;
        this.table = new ChangingTable(context.page());
    }

    /** All that there is. */
    void whole(List<T> rows) {
        if (isTable()) {
            table.show(layout.table(rows, context.page().wide()), true);
            return;
        }
        some(rows);
        Set<String> names = new HashSet<>();
        rows.forEach(row -> names.add(naming.key().apply(row)));
        List.copyOf(known.keySet()).stream()
                .filter(name -> !names.contains(name))
                .sorted()
                .forEach(this::gone);
    }

    /** Some of it; the others are as they were. */
    void some(List<T> rows) {
        if (isTable()) {
            table.show(layout.table(rows, context.page().wide()), false);
            return;
        }
        for (T row : rows) {
            if (!row.equals(known.put(naming.key().apply(row), row))) {
                context.out()
                        .print(
                                context.structured()
                                        ? Messages.oneOfMany(row, context.format())
                                        : naming.name().apply(row) + System.lineSeparator());
            }
        }
        context.out().flush();
    }

    void goneJob(long id, String namespace, String name) {
        if (isTable()) {
            table.gone(id, namespace, name);
        } else {
            gone(id + "/" + namespace + "/" + name);
        }
    }

    /** Data says what is; that something is not any more is for people. */
    private void gone(String name) {
        if (known.remove(name) != null) {
            context.err().println(name + " is gone");
            context.err().flush();
        }
    }

    private boolean isTable() {
        return context.format() == Format.TABLE || context.format() == Format.WIDE;
    }
}
