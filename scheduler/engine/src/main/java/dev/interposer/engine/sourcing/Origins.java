package dev.interposer.engine.sourcing;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.SupplierShare;
import dev.interposer.engine.model.AcceleratorClass.TierSupply;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.state.Settings;
import java.util.List;

/**
 * Who stands behind a chip at each tier.
 *
 * <p>What a class states holds. What it leaves out is known only where it follows: the designer is the class's own
 * supplier, and the seller is the designer if that one sells at all. Everything else is {@link #UNKNOWN}.
 */
public final class Origins {
    /** A share whose supplier nobody knows. */
    public static final String UNKNOWN = "unknown";

    /** Label of a node that names who sold its devices. */
    public static final String SELLER_LABEL = "interposer.dev/seller";

    /** A node says nothing of the seller, so the class does. */
    public static final String BY_CLASS = "";

    private Origins() {}

    /**
     * The seller that a node names: {@link #BY_CLASS} for none, {@link #UNKNOWN} for one that is no supplier here, so
     * that a misspelt name never passes for independence.
     */
    public static String sellerOf(NodeInfo node, Settings settings) {
        String label = node.labels().get(SELLER_LABEL);
        if (label == null || label.isEmpty()) {
            return BY_CLASS;
        }
        return settings.supplier(label) == null ? UNKNOWN : label;
    }

    /** The suppliers of a class at a tier, with percent that sum to 100. */
    public static List<SupplierShare> of(AcceleratorClass chipClass, Tier tier, String seller, Settings settings) {
        if (tier == Tier.SELLER && !seller.equals(BY_CLASS)) {
            return whole(seller);
        }
        for (TierSupply supply : chipClass.supply()) {
            if (supply.tier() == tier && !supply.suppliers().isEmpty()) {
                return supply.suppliers();
            }
        }
        return whole(
                switch (tier) {
                    case DESIGNER -> chipClass.supplierName();
                    case SELLER -> sells(chipClass.supplierName(), settings) ? chipClass.supplierName() : UNKNOWN;
                    case FOUNDRY, MEMORY, PACKAGING -> UNKNOWN;
                });
    }

    /** Percent of a class that come from one supplier at a tier. */
    public static int percent(
            AcceleratorClass chipClass, Tier tier, String seller, Settings settings, String supplierName) {
        int percent = 0;
        for (SupplierShare share : of(chipClass, tier, seller, settings)) {
            percent += share.supplierName().equals(supplierName) ? share.percent() : 0;
        }
        return percent;
    }

    private static boolean sells(String name, Settings settings) {
        Supplier supplier = settings.supplier(name);
        return supplier != null && supplier.tiers().contains(Tier.SELLER);
    }

    private static List<SupplierShare> whole(String supplierName) {
        return List.of(new SupplierShare(supplierName, 100));
    }
}
