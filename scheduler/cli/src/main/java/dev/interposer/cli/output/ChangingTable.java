package dev.interposer.cli.output;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A table that goes on: below it a new line for whatever changed. What has several rows, as a policy has, is shown
 * whole when one of them changed.
 */
public final class ChangingTable {
    /** Whose row it is. */
    private static final Set<String> NAMES = Set.of("ID", "NUMBER", "NAMESPACE", "NAME", "NODE");
    /** They change by themselves, which is no news. */
    private static final Set<String> TIMES = Set.of("AGE", "SINCE", "ENDED", "EXPIRES", "SIGNS");

    private final Page page;
    private final Map<List<String>, List<List<String>>> shown = new HashMap<>();
    private List<String> headings = List.of();
    private int[] widths = new int[0];

    public ChangingTable(Page page) {
        this.page = page;
    }

    /** @param whole whether what is not in it is gone */
    public void show(Table table, boolean whole) {
        widths = table.widths(widths);
        if (!table.headings().equals(headings)) {
            headings = table.headings();
            shown.clear();
            page.out().println(table.line(headings, widths, Colours.OFF));
        }
        Map<List<String>, List<List<String>>> now = new LinkedHashMap<>();
        for (List<String> row : table.cells()) {
            now.computeIfAbsent(cells(row, NAMES, true), name -> new ArrayList<>())
                    .add(row);
        }
        now.forEach((name, rows) -> {
            List<List<String>> facts =
                    rows.stream().map(row -> cells(row, TIMES, false)).toList();
            if (!facts.equals(shown.put(name, facts))) {
                rows.forEach(row -> page.out().println(table.line(row, widths, page.colours())));
            }
        });
        if (whole) {
            Set<List<String>> gone = new HashSet<>(shown.keySet());
            gone.removeAll(now.keySet());
            gone.stream().sorted((a, b) -> a.toString().compareTo(b.toString())).forEach(this::gone);
        }
        page.out().flush();
    }

    /** Of a job, which is told of by its id, namespace and name. */
    public void gone(long id, String namespace, String name) {
        gone(List.of(Long.toString(id), namespace, name));
        page.out().flush();
    }

    private void gone(List<String> name) {
        if (shown.remove(name) != null) {
            page.out().println(String.join("/", name) + " is gone");
        }
    }

    /** Those under some headings, or under all others. */
    private List<String> cells(List<String> row, Set<String> some, boolean these) {
        List<String> kept = new ArrayList<>();
        for (int column = 0; column < row.size(); column++) {
            if (some.contains(headings.get(column)) == these) {
                kept.add(row.get(column));
            }
        }
        return kept;
    }
}
