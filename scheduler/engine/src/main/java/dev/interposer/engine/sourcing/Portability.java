package dev.interposer.engine.sourcing;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.state.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where the jobs of one spec could run, and whether they could do without a supplier.
 *
 * <p>Chips that are not installed are no way out: else a profile for chips that are still on their way would turn work
 * that has one supplier into work that a cap may block.
 */
public final class Portability {
    private final List<AcceleratorClass> admitted;
    private final Settings settings;

    private Portability(List<AcceleratorClass> admitted, Settings settings) {
        this.admitted = List.copyOf(admitted);
        this.settings = settings;
    }

    public static Portability of(JobSpec spec, Settings settings) {
        List<AcceleratorClass> admitted = new ArrayList<>();
        for (AcceleratorClass candidate : settings.classes()) {
            if (profileFor(spec, candidate) >= 0) {
                admitted.add(candidate);
            }
        }
        return new Portability(admitted, settings);
    }

    /** The first profile under which a gang could stand on the class, or −1. */
    public static int profileFor(JobSpec spec, AcceleratorClass candidate) {
        for (int profile = 0; profile < spec.profiles().size(); profile++) {
            if (admits(spec.profiles().get(profile), candidate)) {
                return profile;
            }
        }
        return -1;
    }

    /** Classes that some profile admits, in the order of their names. */
    public List<AcceleratorClass> admitted() {
        return admitted;
    }

    /**
     * Whether it can run nowhere without this supplier: all installed chips that it admits rest on it.
     *
     * @param sellers who sold what is installed of a class; nobody where nothing is
     */
    public boolean pinned(Function<String, Set<String>> sellers, Tier tier, String supplierName) {
        for (AcceleratorClass candidate : admitted) {
            for (String seller : sellers.apply(candidate.name())) {
                if (Origins.percent(candidate, tier, seller, settings, supplierName) == 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * The one supplier on which all installed classes that it admits rest, or null: it is portable, or has none. By
     * what classes state, whoever sold their nodes.
     */
    public @Nullable String pinnedTo(Predicate<String> installed, Tier tier) {
        Function<String, Set<String>> sellers = name -> installed.test(name) ? Set.of(Origins.BY_CLASS) : Set.of();
        for (AcceleratorClass candidate : admitted) {
            if (installed.test(candidate.name())) {
                return Origins.of(candidate, tier, Origins.BY_CLASS, settings).stream()
                        .map(AcceleratorClass.SupplierShare::supplierName)
                        .filter(supplier -> pinned(sellers, tier, supplier))
                        .findFirst()
                        .orElse(null);
            }
        }
        return null;
    }

    /** Whether all workers of a gang under the profile could stand on the class, one at least with its devices. */
    private static boolean admits(Profile profile, AcceleratorClass candidate) {
        boolean any = false;
        for (Role role : profile.roles()) {
            AcceleratorRequest request = role.accelerators();
            if (request.perWorker() > 0) {
                boolean fits = request.selector() == null
                        ? request.className().equals(candidate.name())
                        : request.selector().admits(candidate);
                if (!fits) {
                    return false;
                }
                any = true;
            }
        }
        return any;
    }
}
