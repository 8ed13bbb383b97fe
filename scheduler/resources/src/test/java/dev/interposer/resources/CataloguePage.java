package dev.interposer.resources;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.SupplierShare;
import dev.interposer.engine.model.AcceleratorClass.Throughput;
import dev.interposer.engine.model.AcceleratorClass.TierSupply;
import dev.interposer.engine.model.Tier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The two tables of {@code docs/CATALOGUE.md}, held against classes. */
final class CataloguePage {
    private static final List<Tier> TIERS = List.of(Tier.FOUNDRY, Tier.MEMORY, Tier.PACKAGING);
    private static final Pattern MEMORY = Pattern.compile("([0-9]+) (GB|GiB)");
    private static final Pattern FIGURE = Pattern.compile("([a-z]+[0-9]+) ([0-9,]*[0-9])");
    private static final long TERA = 1_000_000_000_000L;

    private final Map<String, String> displayNames;
    private final Map<String, List<String>> figures = new HashMap<>();
    private final Map<String, List<String>> supply = new HashMap<>();
    private final List<String> wrong = new ArrayList<>();

    CataloguePage(String page, Map<String, String> displayNames) {
        this.displayNames = displayNames;
        read(page, "## Memory and throughput", figures);
        read(page, "## Suppliers by tier", supply);
    }

    private void read(String page, String heading, Map<String, List<String>> rows) {
        String[] lines = page.substring(page.indexOf(heading)).split("\n", -1);
        for (int line = 1; line < lines.length && !lines[line].startsWith("## "); line++) {
            if (lines[line].startsWith("| ") && !lines[line].startsWith("| class ")) {
                List<String> cells = List.of(
                        lines[line].substring(2, lines[line].length() - 2).split(" \\| ", -1));
                for (String name : cells.getFirst().split(", ", -1)) {
                    if (rows.put(name, cells) != null) {
                        wrong.add(name + " has two rows under " + heading);
                    }
                }
            }
        }
    }

    /** What classes state that the page doesn't, or gives no source for. */
    List<String> unlike(List<AcceleratorClass> classes) {
        for (AcceleratorClass chipClass : classes) {
            List<String> row = figures.get(chipClass.name());
            List<String> tiers = supply.get(chipClass.name());
            if (row == null || row.size() != 4 || tiers == null || tiers.size() != 4) {
                wrong.add(chipClass.name() + " has no whole row in each table");
                continue;
            }
            require(bytes(row.get(1)) == chipClass.memoryBytes(), chipClass, chipClass.memoryBytes(), row.get(1));
            Map<String, Long> stated =
                    chipClass.throughput().stream().collect(Collectors.toMap(Throughput::dtype, Throughput::flops));
            require(flops(row.get(2)).equals(stated), chipClass, stated, row.get(2));
            require(!row.get(3).isBlank(), chipClass, "its figures", "no source");
            for (TierSupply tier : chipClass.supply()) {
                int column = 1 + TIERS.indexOf(tier.tier());
                if (column > 0) {
                    require(says(tiers.get(column), tier), chipClass, tier, tiers.get(column));
                }
            }
        }
        return List.copyOf(wrong);
    }

    private void require(boolean holds, AcceleratorClass chipClass, Object stated, String onPage) {
        if (!holds) {
            wrong.add(chipClass.name() + " states " + stated + ", the page " + onPage);
        }
    }

    private static long bytes(String cell) {
        Matcher matcher = MEMORY.matcher(cell);
        if (!matcher.matches()) {
            return -1;
        }
        long unit = matcher.group(2).equals("GB") ? 1_000_000_000L : 1L << 30;
        return Long.parseLong(matcher.group(1)) * unit;
    }

    private static Map<String, Long> flops(String cell) {
        Map<String, Long> flops = new HashMap<>();
        Matcher matcher = FIGURE.matcher(cell);
        while (matcher.find()) {
            flops.put(matcher.group(1), Long.parseLong(matcher.group(2).replace(",", "")) * TERA);
        }
        return flops;
    }

    /** "unknown", or each supplier by its name, with its percent if there are several, and a source in brackets. */
    private boolean says(String cell, TierSupply tier) {
        List<SupplierShare> shares = tier.suppliers();
        if (shares.equals(List.of(new SupplierShare("unknown", 100)))) {
            return cell.startsWith("unknown");
        }
        boolean sourced = cell.matches(".*\\([^)]+\\).*");
        boolean named = shares.stream().allMatch(share -> cell.contains(words(share)));
        return sourced && named && !cell.contains("unknown") && cell.contains("*estimate*") == tier.estimate();
    }

    private String words(SupplierShare share) {
        String name = displayNames.getOrDefault(share.supplierName(), share.supplierName());
        String first = name.split(" ", -1)[0];
        return share.percent() == 100 ? first : first + " " + share.percent() + " %";
    }
}
